// Lets the app answer DNS-01 challenges in one Azure DNS zone: TXT records, and no others. Deploy it into the zone's resource group.
// az deployment group create -g ZONES-GROUP -f infra/examples/dns-zone.bicep -p zoneName=example.com principalId=$APP_IDENTITY_PRINCIPAL_ID
param zoneName string

@description('Object id of the app\'s identity.')
param principalId string

resource zone 'Microsoft.Network/dnsZones@2018-05-01' existing = {
  name: zoneName
}

// Of one's own, because DNS Zone Contributor may change every record and delete the zone.
resource txtWriter 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'CertFunctions DNS-01')
  properties: {
    roleName: 'CertFunctions DNS-01 (${uniqueString(resourceGroup().id)})'
    description: 'Reads zones, writes and deletes TXT records.'
    type: 'CustomRole'
    permissions: [
      {
        actions: [
          'Microsoft.Network/dnsZones/read'
          'Microsoft.Network/dnsZones/TXT/read'
          'Microsoft.Network/dnsZones/TXT/write'
          'Microsoft.Network/dnsZones/TXT/delete'
        ]
      }
    ]
    assignableScopes: [resourceGroup().id]
  }
}

resource answers 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(zone.id, principalId, txtWriter.id)
  scope: zone
  properties: {
    roleDefinitionId: txtWriter.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}
