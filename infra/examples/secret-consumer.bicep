// Lets a consumer (App Service, Application Gateway, a workload) read one certificate with its key, or every one of a vault. Never the system vault.
// az deployment group create -g rg-ENV -f infra/examples/secret-consumer.bicep -p vaultName=… principalId=… objectName=NAMESPACE--SECRETNAME
param vaultName string

@description('Object id of the consumer\'s managed identity.')
param principalId string

@description('The certificate\'s object, see status of the Certificate or docs/deploy.md; empty: all of the vault.')
param objectName string = ''

// Key Vault Secrets User: the secret of a certificate object is its key.
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName

  resource secret 'secrets' existing = {
    name: empty(objectName) ? 'none' : objectName
  }
}

resource readsOne 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(objectName)) {
  name: guid(vault::secret.id, principalId, secretsUser)
  scope: vault::secret
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}

resource readsAll 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (empty(objectName)) {
  name: guid(vault.id, principalId, secretsUser)
  scope: vault
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
