// CertFunctions in a resource group of its own. No key, connection string with a key, or other secret is in any parameter, setting or output.
targetScope = 'subscription'

@minLength(1)
@maxLength(40)
@description('Names the resource group and makes all other names unique; one a deployment.')
param environmentName string

@minLength(1)
@metadata({ azd: { type: 'location' } })
@description('Region of everything but the Durable Task Scheduler; Flex Consumption must be offered there.')
param location string

@description('Which Durable Functions backend keeps the progress of issuances. The package must be built for the same one: -p:DurableBackend=…')
param durableBackend 'DurableTaskScheduler' | 'AzureStorage' = 'DurableTaskScheduler'

@description('Region of the Durable Task Scheduler, which not every region has.')
param schedulerLocation string = location

@description('Namespaces that get a vault of their own; all others share the default vault. Append only: the position is part of a setting.')
param namespaceVaults string[] = []

@description('Whether anybody may read CA bundles without an identity. They are public data; some organisations forbid it by policy.')
param anonymousBundles bool = true

@description('Who is told when something is wrong; empty: nobody is.')
param alertEmail string = ''

@description('Memory of an instance, in MB. What is billed; see docs/deploy.md.')
param instanceMemoryMB 512 | 2048 | 4096 = 2048

@minValue(1)
@maxValue(1000)
@description('Most instances at a time.')
param maximumInstanceCount int = 40

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var taskHub = 'certfunctions'
var useScheduler = durableBackend == 'DurableTaskScheduler'
var names = {
  hostStorage: 'st${token}'
  bundleStorage: 'stca${token}'
  defaultVault: 'kv-${token}'
  systemVault: 'kvsys-${token}'
}
var containers = { package: 'app-package', resources: 'certfunctions', bundles: 'ca-bundles' }
var namespaceVaultNames = [for ns in namespaceVaults: 'kv-${uniqueString(token, ns)}']
var vaultSuffix = environment().suffixes.keyvaultDns

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  params: { name: 'id-${token}', location: location, tags: tags }
}

module logs 'modules/logs.bicep' = {
  scope: group
  params: { name: 'log-${token}', location: location, tags: tags }
}

module insights 'modules/insights.bicep' = {
  scope: group
  params: {
    name: 'appi-${token}'
    location: location
    tags: tags
    workspaceId: logs.outputs.id
    appPrincipalId: identity.outputs.principalId
  }
}

module defaultVault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: names.defaultVault
    location: location
    tags: tags
    workspaceId: logs.outputs.id
    appPrincipalId: identity.outputs.principalId
  }
}

module systemVault 'modules/vault.bicep' = {
  scope: group
  params: {
    name: names.systemVault
    location: location
    tags: tags
    workspaceId: logs.outputs.id
    appPrincipalId: identity.outputs.principalId
  }
}

module vaultOfNamespace 'modules/vault.bicep' = [
  for (ns, i) in namespaceVaults: {
    scope: group
    params: {
      name: namespaceVaultNames[i]
      location: location
      tags: union(tags, { namespace: ns })
      workspaceId: logs.outputs.id
      appPrincipalId: identity.outputs.principalId
    }
  }
]

module hostStorage 'modules/host-storage.bicep' = {
  scope: group
  params: {
    name: names.hostStorage
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    holdsTaskHub: !useScheduler
    packageContainer: containers.package
    resourcesContainer: containers.resources
  }
}

module bundleStorage 'modules/bundle-storage.bicep' = {
  scope: group
  params: {
    name: names.bundleStorage
    location: location
    tags: tags
    appPrincipalId: identity.outputs.principalId
    container: containers.bundles
    anonymous: anonymousBundles
  }
}

module scheduler 'modules/scheduler.bicep' = if (useScheduler) {
  scope: group
  params: {
    name: 'dts-${token}'
    location: schedulerLocation
    tags: tags
    appPrincipalId: identity.outputs.principalId
    taskHub: taskHub
  }
}

module plan 'modules/plan.bicep' = {
  scope: group
  params: { name: 'plan-${token}', location: location, tags: tags }
}

// On Linux a setting's ":" is written "__"; neither ":" nor "-" may occur in a name.
var commonSettings = {
  AZURE_CLIENT_ID: identity.outputs.clientId
  AzureWebJobsStorage__accountName: names.hostStorage
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.outputs.clientId
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'Authorization=AAD;ClientId=${identity.outputs.clientId}'
  TASKHUB_NAME: taskHub
  Store__Container: containers.resources
  Vaults__Default: 'https://${names.defaultVault}${vaultSuffix}/'
  Vaults__System: 'https://${names.systemVault}${vaultSuffix}/'
  CaBundles__accountName: names.bundleStorage
  CaBundles__credential: 'managedidentity'
  CaBundles__clientId: identity.outputs.clientId
  CaBundles__Container: containers.bundles
  // A reference: the key itself is made by hand, in the system vault (docs/deploy.md). Until then every call is 401.
  Api__Key: '@Microsoft.KeyVault(SecretUri=https://${names.systemVault}${vaultSuffix}/secrets/api-key)'
  Schedule__StartDue: '0 * * * * *'
  Schedule__Sweep: '0 17 * * * *'
  Schedule__CheckVaults: '30 */5 * * * *'
  Schedule__RenewalInfo: '45 */5 * * * *'
}
var schedulerSettings = useScheduler
  ? {
      DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.?outputs.endpoint ?? ''};Authentication=ManagedIdentity;ClientID=${identity.outputs.clientId}'
    }
  : {}
var vaultNamespaces = toObject(range(0, length(namespaceVaults)), i => 'Vaults__${i}__Namespace', i => namespaceVaults[i])
var vaultUris = toObject(
  range(0, length(namespaceVaults)),
  i => 'Vaults__${i}__Uri',
  i => 'https://${namespaceVaultNames[i]}${vaultSuffix}/'
)

module app 'modules/app.bicep' = {
  scope: group
  // Roles first: what starts before its roles have arrived is refused, and tries again minutes later.
  dependsOn: [defaultVault, systemVault, vaultOfNamespace, bundleStorage]
  params: {
    name: 'func-${token}'
    location: location
    tags: tags
    planId: plan.outputs.id
    identityId: identity.outputs.id
    packageContainerUri: '${hostStorage.outputs.blobEndpoint}${containers.package}'
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    insightsName: insights.outputs.name
    settings: union(commonSettings, schedulerSettings, vaultNamespaces, vaultUris)
  }
}

module actionGroup 'modules/action-group.bicep' = {
  scope: group
  params: { name: 'ag-${token}', tags: tags, email: alertEmail }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceId: logs.outputs.id
    insightsId: insights.outputs.id
    actionGroupId: actionGroup.outputs.id
  }
}

module probe 'modules/probe.bicep' = {
  scope: group
  params: {
    name: 'probe-${token}'
    location: location
    tags: tags
    insightsId: insights.outputs.id
    actionGroupId: actionGroup.outputs.id
    hostName: app.outputs.hostName
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output APP_NAME string = 'func-${token}'
output APP_URL string = 'https://${app.outputs.hostName}'
output APP_IDENTITY_CLIENT_ID string = identity.outputs.clientId
output APP_IDENTITY_PRINCIPAL_ID string = identity.outputs.principalId
output DEFAULT_VAULT string = names.defaultVault
output SYSTEM_VAULT string = names.systemVault
output BUNDLES_URL string = '${bundleStorage.outputs.blobEndpoint}${containers.bundles}'
