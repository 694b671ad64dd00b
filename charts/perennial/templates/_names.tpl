{{- /* The name of the operator's own objects. */}}
{{- define "perennial.name" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 53 | trimSuffix "-" }}
{{- end }}

{{- define "perennial.selector" -}}
app.kubernetes.io/name: perennial
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "perennial.labels" -}}
{{ include "perennial.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "perennial.metadata" -}}
name: {{ include "perennial.name" . }}
namespace: {{ .Release.Namespace }}
labels:
  {{- include "perennial.labels" . | nindent 2 }}
{{- end }}

{{- define "perennial.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "perennial.name" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: name the ServiceAccount to use, or set serviceAccount.create" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- /* A full reference as it is given; none means the image of this chart's version. */}}
{{- define "perennial.image" -}}
{{- .given | default (printf "%s:%s" .name .chart.AppVersion) }}
{{- end }}
