#!/usr/bin/env bash
# Fetches the PEM secrets of one certificate (annotation certfunctions.dev/pem-secrets: "true") and lets nginx take them over. Run it from a timer.
#   VAULT_URI=https://NAME.vault.azure.net fetch.sh OBJECT FOLDER [nginx options]
# IDENTITY_ENDPOINT and IDENTITY_HEADER are App Service's; without them a virtual machine's endpoint is asked. Other clouds: VAULT_RESOURCE.
set -euo pipefail
object=$1 folder=$2
shift 2
resource=${VAULT_RESOURCE:-https://vault.azure.net}
umask 077

token() {
  if [ -n "${IDENTITY_ENDPOINT:-}" ]; then
    curl -sSf -H "X-IDENTITY-HEADER: $IDENTITY_HEADER" "$IDENTITY_ENDPOINT?api-version=2019-08-01&resource=$resource"
  else
    curl -sSf -H 'Metadata: true' "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$resource"
  fi | member access_token
}

# One text of a JSON object, its escapes undone.
member() { printf '%b' "$(tr -d '\r\n' | sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p")"; }

# The token goes in by standard input: arguments are everybody's to read.
secret() { curl -sSf -K - "${VAULT_URI%/}/secrets/$1?api-version=7.4" <<< "header = \"Authorization: Bearer $token\"" | member value; }

token=$(token)
mkdir -p "$folder"
secret "$object-tls-crt" > "$folder/tls.crt.new"
secret "$object-tls-key" > "$folder/tls.key.new"

# Two secrets are two reads, and a renewal may fall between them: half of it is not taken.
if [ "$(openssl x509 -in "$folder/tls.crt.new" -noout -pubkey)" != "$(openssl pkey -in "$folder/tls.key.new" -pubout)" ]; then
  echo "certificate and key are of two versions: try again in a moment" >&2
  exit 1
fi

if cmp -s "$folder/tls.crt.new" "$folder/tls.crt" && cmp -s "$folder/tls.key.new" "$folder/tls.key"; then rm "$folder"/tls.*.new; exit 0; fi
mv "$folder/tls.key.new" "$folder/tls.key"
mv "$folder/tls.crt.new" "$folder/tls.crt"
if [ -s "$folder/nginx.pid" ]; then nginx "$@" -s reload; fi
