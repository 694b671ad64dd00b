{{- /* Generated from operator/perennial by `make generate`; do not edit. */}}
{{- define "perennial.rules" -}}
- apiGroups:
    - perennial.dev
  resources:
    - datasets
    - models
    - modeldeployments
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - perennial.dev
  resources:
    - modelversions
  verbs:
    - get
    - list
    - watch
    - create
    - delete
- apiGroups:
    - perennial.dev
  resources:
    - decisions
  verbs:
    - get
    - list
    - watch
    - create
    - record
- apiGroups:
    - perennial.dev
  resources:
    - datasets/status
    - models/status
    - modelversions/status
    - modeldeployments/status
    - decisions/status
  verbs:
    - patch
- apiGroups:
    - batch
  resources:
    - jobs
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - apps
  resources:
    - deployments
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - ''
  resources:
    - services
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - policy
  resources:
    - poddisruptionbudgets
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - autoscaling
  resources:
    - horizontalpodautoscalers
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - gateway.networking.k8s.io
  resources:
    - httproutes
  verbs:
    - get
    - list
    - watch
    - create
    - patch
    - delete
- apiGroups:
    - gateway.networking.k8s.io
  resources:
    - gateways
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - ''
  resources:
    - pods
  verbs:
    - get
    - list
    - watch
- apiGroups:
    - ''
  resources:
    - secrets
  verbs:
    - create
- apiGroups:
    - ''
  resources:
    - events
  verbs:
    - get
    - list
    - create
    - patch
{{- end }}
{{- define "perennial.leaderRules" -}}
- apiGroups:
    - coordination.k8s.io
  resources:
    - leases
  verbs:
    - get
    - create
    - update
{{- end }}
