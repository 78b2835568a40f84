#!/bin/sh
# Makes the secret api-key in the system vault, unless it is there: what callers send as x-functions-key. Run by azd after provisioning
# (SYSTEM_VAULT is an output of main.bicep), or by hand. It gives the caller Key Vault Secrets Officer on this one object.
set -eu
: "${SYSTEM_VAULT:?is not set: the name of the system vault}"

scope="$(az keyvault show --name "$SYSTEM_VAULT" --query id --output tsv)/secrets/api-key"
me=$(az ad signed-in-user show --query id --output tsv)
az role assignment create --assignee-object-id "$me" --assignee-principal-type User --role 'Key Vault Secrets Officer' --scope "$scope" --output none

file=$(mktemp)
trap 'rm -f "$file"' EXIT
openssl rand -hex 32 | tr -d '\n' > "$file"

# A role takes minutes to arrive.
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  if az keyvault secret show --vault-name "$SYSTEM_VAULT" --name api-key --output none 2> /dev/null; then echo "api-key is there."; exit 0; fi
  if az keyvault secret set --vault-name "$SYSTEM_VAULT" --name api-key --file "$file" --encoding utf-8 --output none; then echo "api-key is made."; exit 0; fi
  echo "Not yet ($attempt): waiting for the role."
  sleep 30
done
exit 1
