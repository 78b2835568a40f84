// Lets a client read CA bundles by its identity, where anonymous reading is off. It gives nothing else, least of all a vault.
// az deployment group create -g rg-ENV -f infra/examples/bundle-reader.bicep -p accountName=stca… principalId=…
param accountName string

@description('Object id of the client\'s managed identity.')
param principalId string

param container string = 'ca-bundles'

// Storage Blob Data Reader
var blobReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' existing = {
  name: accountName

  resource blobs 'blobServices' existing = {
    name: 'default'

    resource bundles 'containers' existing = {
      name: container
    }
  }
}

resource reads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::bundles.id, principalId, blobReader)
  scope: account::blobs::bundles
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobReader)
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
