// What Azure would get: the Durable Task Scheduler, two namespaces with vaults of their own. Kept in step by tests/infra.sh; read by the tests.
using '../main.bicep'

param environmentName = 'example'
param location = 'westeurope'
param namespaceVaults = ['team-a', 'team-b']
param alertEmail = 'oncall@example.com'
