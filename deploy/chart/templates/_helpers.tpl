{{- define "k0rdent-mcp.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "k0rdent-mcp.fullname" -}}
{{- $name := include "k0rdent-mcp.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* ClusterRoles are the cluster's: two releases of one name in two namespaces must not share them. */}}
{{- define "k0rdent-mcp.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "k0rdent-mcp.fullname" .) -}}
{{- end -}}

{{- define "k0rdent-mcp.selector" -}}
app.kubernetes.io/name: {{ include "k0rdent-mcp.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "k0rdent-mcp.labels" -}}
{{ include "k0rdent-mcp.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.labels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "k0rdent-mcp.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "k0rdent-mcp.fullname" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "k0rdent-mcp.image" -}}
{{- $registry := default .Values.image.registry .Values.global.registry -}}
{{- $name := .Values.image.repository -}}
{{- if $registry -}}{{- $name = printf "%s/%s" (trimSuffix "/" $registry) $name -}}{{- end -}}
{{- if .Values.image.digest -}}
{{- printf "%s@%s" $name .Values.image.digest -}}
{{- else -}}
{{- printf "%s:%s" $name (default .Chart.AppVersion .Values.image.tag) -}}
{{- end -}}
{{- end -}}

{{/* Whether the server sends requests with the pod's own token: "true" or "". */}}
{{- define "k0rdent-mcp.hasToken" -}}
{{- if ne .Values.auth.mode "OIDC_REQUIRED" -}}true{{- end -}}
{{- end -}}

{{- define "k0rdent-mcp.allowedHosts" -}}
{{- $name := include "k0rdent-mcp.fullname" . -}}
{{- $ns := .Release.Namespace -}}
{{- $hosts := list $name (printf "%s.%s" $name $ns) (printf "%s.%s.svc" $name $ns) (printf "%s.%s.svc.%s" $name $ns .Values.clusterDomain) -}}
{{- if and .Values.ingress.enabled .Values.ingress.host -}}{{- $hosts = append $hosts .Values.ingress.host -}}{{- end -}}
{{- if .Values.httpRoute.enabled -}}{{- $hosts = concat $hosts .Values.httpRoute.hostnames -}}{{- end -}}
{{- join "," (concat $hosts .Values.allowedHosts | uniq) -}}
{{- end -}}

{{/* The Secret with the key, or "". */}}
{{- define "k0rdent-mcp.sealSecret" -}}
{{- if .Values.sealKey.existingSecret -}}{{- .Values.sealKey.existingSecret -}}
{{- else if .Values.sealKey.create -}}{{- printf "%s-seal" (include "k0rdent-mcp.fullname" .) -}}{{- end -}}
{{- end -}}

{{/* The Secret with the server's certificate, or "": plain HTTP, for a proxy that terminates TLS. */}}
{{- define "k0rdent-mcp.tlsSecret" -}}
{{- if .Values.tls.existingSecret -}}{{- .Values.tls.existingSecret -}}
{{- else if .Values.tls.certManager.enabled -}}{{- printf "%s-tls" (include "k0rdent-mcp.fullname" .) -}}{{- end -}}
{{- end -}}

{{/* URL by which clients reach the server, or "". */}}
{{- define "k0rdent-mcp.publicUrl" -}}
{{- if .Values.auth.publicUrl -}}{{- .Values.auth.publicUrl -}}
{{- else if and .Values.ingress.enabled .Values.ingress.host -}}{{- printf "http%s://%s/mcp" (ternary "s" "" (ne .Values.ingress.tlsSecret "")) .Values.ingress.host -}}
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}{{- printf "https://%s/mcp" (first .Values.httpRoute.hostnames) -}}{{- end -}}
{{- end -}}

{{/* A flag's value as the command line has it: YAML reads on and off as true and false. */}}
{{- define "k0rdent-mcp.flagValue" -}}
{{- if kindIs "bool" . -}}{{- ternary "on" "off" . -}}
{{- else if kindIs "float64" . -}}{{- if eq (floor .) . -}}{{- int64 . -}}{{- else -}}{{- . -}}{{- end -}}
{{- else -}}{{- . -}}{{- end -}}
{{- end -}}

{{/* The rules of the presets and the further ones, as a list. The files are what `k0rdent-mcp rbac PRESET` prints. */}}
{{- define "k0rdent-mcp.rules" -}}
{{- $rules := list -}}
{{- range .Values.rbac.presets -}}
{{- $rules = concat $rules ($.Files.Get (printf "files/rbac/%s.yaml" .) | fromYaml).rules -}}
{{- end -}}
{{- toYaml (concat $rules .Values.rbac.extraRules | uniq) -}}
{{- end -}}

{{- define "k0rdent-mcp.check" -}}
{{- if and (eq .Values.auth.mode "DEV_ALLOW_ANY") (or .Values.ingress.enabled .Values.httpRoute.enabled) -}}
{{- fail "auth.mode DEV_ALLOW_ANY lets each client act with the pod's service account: it cannot be used with ingress or httpRoute" -}}
{{- end -}}
{{- if and (gt (int .Values.replicas) 1) (not (include "k0rdent-mcp.sealSecret" .)) -}}
{{- fail "more than one replica need a common key: set sealKey.create or sealKey.existingSecret" -}}
{{- end -}}
{{- if eq .Values.auth.mode "OAUTH" -}}
{{- if not (include "k0rdent-mcp.publicUrl" .) -}}
{{- fail "auth.mode OAUTH needs auth.publicUrl: access tokens are made for it" -}}
{{- end -}}
{{- if not (or .Values.auth.issuers (hasKey .Values.config "oauth-issuers-file") (hasKey .Values.config "oauth-service-accounts")) -}}
{{- fail "auth.mode OAUTH needs auth.issuers, or oauth-issuers-file or oauth-service-accounts in config" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.tls.certManager.enabled (not .Values.tls.certManager.issuerRef.name) -}}
{{- fail "tls.certManager.enabled needs tls.certManager.issuerRef.name" -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) -}}
{{- fail "ingress.enabled needs ingress.host, which the server must allow" -}}
{{- end -}}
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.hostnames) -}}
{{- fail "httpRoute.enabled needs httpRoute.hostnames, which the server must allow" -}}
{{- end -}}
{{- end -}}

{{- /* Callers are impersonated: with tokens that are exchanged only service accounts and opaque ones are. */ -}}
{{- define "k0rdent-mcp.impersonates" -}}
{{- $exchanges := eq (toString (get .Values.config "caller-credentials")) "exchange" -}}
{{- $reviews := or (hasKey .Values.config "oauth-service-accounts") (hasKey .Values.config "oauth-opaque-tokens") -}}
{{- if and (eq .Values.auth.mode "OAUTH") (or (not $exchanges) $reviews) }}true{{ end -}}
{{- end -}}
