{{- /* The operator's configuration file; the operator checks it again, and names a bad field. */}}
{{- define "perennial.configuration" -}}
{{- if not .Values.stores }}
{{- fail "stores: name at least one object store, such as --set stores.default.bucket=models" }}
{{- end }}
stores:
  {{- toYaml .Values.stores | nindent 2 }}
images:
  training: {{ include "perennial.image" (dict "given" .Values.images.training "name" "perennial-job" "chart" .Chart) | quote }}
  server: {{ include "perennial.image" (dict "given" .Values.images.server "name" "perennial-server" "chart" .Chart) | quote }}
  serverSklearn: {{ include "perennial.image" (dict "given" .Values.images.serverSklearn "name" "perennial-server-sklearn" "chart" .Chart) | quote }}
imagePullPolicy: {{ .Values.imagePullPolicy }}
{{- with .Values.prometheus.default }}
prometheus:
  default:
    {{- toYaml . | nindent 4 }}
{{- end }}
limits:
  {{- toYaml .Values.limits | nindent 2 }}
pauses:
  {{- toYaml .Values.pauses | nindent 2 }}
lease:
  name: {{ include "perennial.name" . }}
  namespace: {{ .Release.Namespace }}
  {{- toYaml .Values.lease | nindent 2 }}
watchNamespaces:
  {{- toYaml .Values.watchNamespaces | nindent 2 }}
port: 8080
{{- end }}
