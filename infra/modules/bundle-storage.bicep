// CA bundles: an account of their own, so that who reads them comes nowhere near keys, and anonymous access is open here alone.
param name string
param location string
param tags object
param appPrincipalId string
param container string
@description('Whether anybody may read a bundle by its name. Nobody may list.')
param anonymous bool

resource account 'Microsoft.Storage/storageAccounts@2025-08-01' = {
  name: name
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    allowBlobPublicAccess: anonymous
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
  }

  resource blobs 'blobServices' = {
    name: 'default'
    properties: {
      isVersioningEnabled: true
      deleteRetentionPolicy: { enabled: true, days: 30 }
      containerDeleteRetentionPolicy: { enabled: true, days: 30 }
    }

    resource bundles 'containers' = {
      name: container
      properties: { publicAccess: anonymous ? 'Blob' : 'None' }
    }
  }

  resource tidying 'managementPolicies' = {
    name: 'default'
    dependsOn: [blobs]
    properties: {
      policy: {
        rules: [
          {
            name: 'old-versions'
            type: 'Lifecycle'
            definition: {
              filters: { blobTypes: ['blockBlob'] }
              actions: { version: { delete: { daysAfterCreationGreaterThan: 365 } } }
            }
          }
        ]
      }
    }
  }
}

// Storage Blob Data Contributor
var blobContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource appPublishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account::blobs::bundles.id, appPrincipalId, blobContributor)
  scope: account::blobs::bundles
  properties: {
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', blobContributor)
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
  }
}

output blobEndpoint string = account.properties.primaryEndpoints.blob
