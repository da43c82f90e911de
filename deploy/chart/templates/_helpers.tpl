{{- define "k0rdent-mcp.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The name of a Service, too: without the dots that a release's name may have. */}}
{{- define "k0rdent-mcp.fullname" -}}
{{- $name := include "k0rdent-mcp.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | replace "." "-" | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | replace "." "-" | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* ClusterRoles are the cluster's: two releases of one name in two namespaces must not share them. */}}
{{- define "k0rdent-mcp.clusterName" -}}
{{- printf "%s:%s" .Release.Namespace (include "k0rdent-mcp.fullname" .) -}}
{{- end -}}

{{- define "k0rdent-mcp.selector" -}}
app.kubernetes.io/name: {{ include "k0rdent-mcp.name" . | quote }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "k0rdent-mcp.ownLabels" -}}
{{ include "k0rdent-mcp.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | quote }}
{{- end -}}

{{/* Where a label is named twice, the chart's own comes before the site's, and podLabels and serviceMonitor.labels before labels. */}}
{{- define "k0rdent-mcp.labels" -}}
{{- toYaml (merge (include "k0rdent-mcp.ownLabels" . | fromYaml) (default dict .Values.labels)) -}}
{{- end -}}

{{- define "k0rdent-mcp.podLabels" -}}
{{- toYaml (merge (include "k0rdent-mcp.ownLabels" . | fromYaml) (default dict .Values.podLabels) (default dict .Values.labels)) -}}
{{- end -}}

{{- define "k0rdent-mcp.monitorLabels" -}}
{{- toYaml (merge (include "k0rdent-mcp.ownLabels" . | fromYaml) (default dict .Values.serviceMonitor.labels) (default dict .Values.labels)) -}}
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

{{/* Whether there may be more than one pod: "true" or "". */}}
{{- define "k0rdent-mcp.many" -}}
{{- if or (kindIs "invalid" .Values.replicas) (gt (int .Values.replicas) 1) -}}true{{- end -}}
{{- end -}}

{{/* Names by which clients reach the server. namespace: that of the Service. */}}
{{- define "k0rdent-mcp.allowedHosts" -}}
{{- $ns := .namespace -}}
{{- with .root -}}
{{- $name := include "k0rdent-mcp.fullname" . -}}
{{- $hosts := list $name (printf "%s.%s" $name $ns) (printf "%s.%s.svc" $name $ns) (printf "%s.%s.svc.%s" $name $ns .Values.clusterDomain) -}}
{{- with .Values.auth.publicUrl -}}{{- $hosts = append $hosts (urlParse .).hostname -}}{{- end -}}
{{- if and .Values.ingress.enabled .Values.ingress.host -}}{{- $hosts = append $hosts .Values.ingress.host -}}{{- end -}}
{{- if .Values.httpRoute.enabled -}}{{- $hosts = concat $hosts .Values.httpRoute.hostnames -}}{{- end -}}
{{- join "," (concat $hosts (default list .Values.allowedHosts) | uniq) -}}
{{- end -}}
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
{{- else if and .Values.ingress.enabled .Values.ingress.host -}}{{- printf "http%s://%s/mcp" (ternary "" "s" (empty .Values.ingress.tlsSecret)) .Values.ingress.host -}}
{{- else if and .Values.httpRoute.enabled .Values.httpRoute.hostnames -}}{{- printf "https://%s/mcp" (first .Values.httpRoute.hostnames) -}}{{- end -}}
{{- end -}}

{{/* Whether a switch of config is on: "true" or "". */}}
{{- define "k0rdent-mcp.isOn" -}}
{{- if has (get (default dict .root.Values.config) .flag) (list true "on") -}}true{{- end -}}
{{- end -}}

{{/* A flag's value as the command line has it: YAML reads on and off as true and false, and a number would be printed as 1e-05. */}}
{{- define "k0rdent-mcp.flagValue" -}}
{{- if kindIs "slice" . -}}{{- join "," . -}}
{{- else if kindIs "bool" . -}}{{- ternary "on" "off" . -}}
{{- else if kindIs "float64" . -}}{{- if eq (floor .) . -}}{{- int64 . -}}{{- else -}}{{- regexReplaceAll "0+$" (printf "%.10f" .) "" -}}{{- end -}}
{{- else -}}{{- . -}}{{- end -}}
{{- end -}}

{{/* The rules of the presets and the further ones, as a list. The files are what `k0rdent-mcp rbac PRESET` prints. */}}
{{- define "k0rdent-mcp.rules" -}}
{{- $rules := list -}}
{{- range .Values.rbac.presets -}}
{{- $rules = concat $rules ($.Files.Get (printf "files/rbac/%s.yaml" .) | fromYaml).rules -}}
{{- end -}}
{{- toYaml (concat $rules (default list .Values.rbac.extraRules) | uniq) -}}
{{- end -}}

{{/* A duration such as 1m30s in seconds, rounded down. */}}
{{- define "k0rdent-mcp.seconds" -}}
{{- $milliseconds := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ms|s|m|h)" . -1 -}}
{{- $scale := get (dict "ms" 1 "s" 1000 "m" 60000 "h" 3600000) (regexFind "[a-z]+" .) -}}
{{- $milliseconds = addf $milliseconds (mulf (regexFind "[0-9.]+" . | float64) $scale) -}}
{{- end -}}
{{- divf $milliseconds 1000.0 | int64 -}}
{{- end -}}

{{/* TCP ports of the URLs that the values name, besides networkPolicy.egressPorts: of issuers, the catalog, a proxy. A proxy's may be without http:// */}}
{{- define "k0rdent-mcp.urlPorts" -}}
{{- $urls := append (default list .Values.auth.issuers) (get (default dict .Values.config) "catalog-url" | toString) -}}
{{- range .Values.extraEnv -}}
{{- if and (hasSuffix "_PROXY" (upper .name)) (ne (upper .name) "NO_PROXY") .value -}}
{{- $urls = append $urls (ternary .value (printf "http://%s" .value) (contains "://" .value)) -}}
{{- end -}}
{{- end -}}
{{- $ports := list -}}
{{- range .Values.networkPolicy.egressPorts -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- range $urls -}}
{{- $server := regexFind "^[a-z0-9]+://[^/?#]+" (lower .) -}}
{{- $port := regexFind ":[0-9]+$" $server | trimPrefix ":" | default (get (dict "http" "80" "https" "443" "socks5" "1080" "socks5h" "1080") (regexFind "^[a-z0-9]+" $server)) -}}
{{- with $port -}}{{- $ports = append $ports (int .) -}}{{- end -}}
{{- end -}}
{{- toYaml ($ports | uniq) -}}
{{- end -}}

{{- define "k0rdent-mcp.check" -}}
{{- $name := include "k0rdent-mcp.fullname" . -}}
{{- if not (regexMatch "^[a-z]" $name) -}}
{{- fail (printf "a Service's name begins with a letter, and %q does not: set fullnameOverride" $name) -}}
{{- end -}}
{{- if and (eq .Values.auth.mode "DEV_ALLOW_ANY") (or .Values.ingress.enabled .Values.httpRoute.enabled) -}}
{{- fail "auth.mode DEV_ALLOW_ANY lets each client act with the pod's service account: it cannot be used with ingress or httpRoute" -}}
{{- end -}}
{{- if and (eq .Values.auth.mode "DEV_ALLOW_ANY") (ne .Values.service.type "ClusterIP") -}}
{{- fail (printf "auth.mode DEV_ALLOW_ANY lets each client act with the pod's service account: it cannot be used with service.type %s" .Values.service.type) -}}
{{- end -}}
{{- if and (eq .Values.auth.mode "DEV_ALLOW_ANY") (get (default dict .Values.service.extraSpec) "externalIPs") -}}
{{- fail "auth.mode DEV_ALLOW_ANY lets each client act with the pod's service account: it cannot be used with externalIPs in service.extraSpec" -}}
{{- end -}}
{{- if and .Values.serviceMonitor.enabled (eq (int .Values.service.port) 6768) -}}
{{- fail "service.port 6768 is that of the metrics, which serviceMonitor.enabled adds to the Service: set another" -}}
{{- end -}}
{{- if and (include "k0rdent-mcp.hasToken" .) (not .Values.serviceAccount.create) (not .Values.serviceAccount.name) -}}
{{- fail (printf "auth.mode %s gives rights to the pod's service account, which would be the namespace's default one and so every pod's: set serviceAccount.create or serviceAccount.name" .Values.auth.mode) -}}
{{- end -}}
{{- if and .Values.auth.issuers (ne .Values.auth.mode "OAUTH") -}}
{{- fail "auth.issuers are those of auth.mode OAUTH: set it, or leave them out" -}}
{{- end -}}
{{- if ne .Values.auth.mode "OAUTH" -}}
{{- range $flag, $value := default dict .Values.config -}}
{{- if and (regexMatch "^(oauth|exchange)-" $flag) (not (has $value (list false "off"))) -}}
{{- fail (printf "%s in config is of auth.mode OAUTH: set it, or leave it out" $flag) -}}
{{- end -}}
{{- end -}}
{{- if eq (get (default dict .Values.config) "caller-credentials" | toString) "exchange" -}}
{{- fail "caller-credentials in config is of auth.mode OAUTH: set it, or leave it out" -}}
{{- end -}}
{{- end -}}
{{- if and (hasKey (default dict .Values.config) "tls-client-ca-file") (not (include "k0rdent-mcp.tlsSecret" .)) -}}
{{- fail "tls-client-ca-file in config needs tls.certManager or tls.existingSecret: clients show a certificate to a server that speaks TLS" -}}
{{- end -}}
{{- if and (hasKey (default dict .Values.config) "audit-key-file") (not (hasKey (default dict .Values.config) "audit-file")) (not (include "k0rdent-mcp.isOn" (dict "root" . "flag" "allow-writes"))) -}}
{{- fail "audit-key-file in config is of use only with audit-file or allow-writes" -}}
{{- end -}}
{{- if and .Values.rbac.create .Values.rbac.subjects (not (include "k0rdent-mcp.rules" . | fromYamlArray)) -}}
{{- fail "rbac.subjects get no rights: set rbac.presets or rbac.extraRules" -}}
{{- end -}}
{{- $drain := int64 (include "k0rdent-mcp.seconds" (get (default dict .Values.config) "drain-timeout" | default "10s" | toString)) -}}
{{- if le (int64 .Values.terminationGracePeriodSeconds) (add $drain .Values.preStopSleepSeconds) -}}
{{- fail (printf "terminationGracePeriodSeconds (%v) must be more than drain-timeout (%v s) and preStopSleepSeconds (%v) together: the kubelet would kill a server that still drains" .Values.terminationGracePeriodSeconds $drain .Values.preStopSleepSeconds) -}}
{{- end -}}
{{- if and (include "k0rdent-mcp.many" .) (not (include "k0rdent-mcp.sealSecret" .)) -}}
{{- fail "more than one replica need a common key: set sealKey.create or sealKey.existingSecret" -}}
{{- end -}}
{{- if eq .Values.auth.mode "OAUTH" -}}
{{- if not (include "k0rdent-mcp.publicUrl" .) -}}
{{- fail "auth.mode OAUTH needs auth.publicUrl: access tokens are made for it" -}}
{{- end -}}
{{- $url := include "k0rdent-mcp.publicUrl" . -}}
{{- if not (hasPrefix "https://" $url) -}}
{{- fail (printf "auth.mode OAUTH needs a public URL with https://, and has %s: set ingress.tlsSecret, or auth.publicUrl where a load balancer ends TLS" $url) -}}
{{- end -}}
{{- if regexMatch "^https://[^/]*:443(/|$)" $url -}}
{{- fail (printf "the public URL %s must be without :443: clients write it so, and tokens name it byte for byte" $url) -}}
{{- end -}}
{{- if not (or .Values.auth.issuers (hasKey (default dict .Values.config) "oauth-issuers-file") (include "k0rdent-mcp.isOn" (dict "root" . "flag" "oauth-service-accounts")) (include "k0rdent-mcp.isOn" (dict "root" . "flag" "oauth-opaque-tokens"))) -}}
{{- fail "auth.mode OAUTH needs auth.issuers, or oauth-issuers-file, oauth-service-accounts or oauth-opaque-tokens in config" -}}
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
{{- if and .Values.httpRoute.enabled (not .Values.httpRoute.parentRefs) -}}
{{- fail "httpRoute.enabled needs httpRoute.parentRefs: a route without a gateway serves no one" -}}
{{- end -}}
{{- end -}}

{{- /* Callers are impersonated: with tokens that are exchanged only service accounts and opaque ones are. */ -}}
{{- define "k0rdent-mcp.impersonates" -}}
{{- $config := default dict .Values.config -}}
{{- $exchanges := eq (toString (get $config "caller-credentials")) "exchange" -}}
{{- $reviews := or (include "k0rdent-mcp.isOn" (dict "root" . "flag" "oauth-service-accounts")) (include "k0rdent-mcp.isOn" (dict "root" . "flag" "oauth-opaque-tokens")) -}}
{{- if and (eq .Values.auth.mode "OAUTH") (or (not $exchanges) $reviews) }}true{{ end -}}
{{- end -}}
