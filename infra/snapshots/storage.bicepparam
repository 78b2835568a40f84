// What Azure would get: Azure Storage as the durable backend, one vault for all namespaces, bundles for readers with an identity.
using '../main.bicep'

param environmentName = 'example'
param location = 'westeurope'
param durableBackend = 'AzureStorage'
param anonymousBundles = false
