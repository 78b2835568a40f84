// What the app cannot say itself: that its timers no longer run, that functions fail, that a vault refuses.
param location string
param tags object
param workspaceId string
param insightsId string
param actionGroupId string

type Rule = {
  name: string
  @description('One sentence for whom it wakes.')
  description: string
  severity: int
  scope: string
  @description('Gives one row with the column Value; without "by", so that no data is a row with 0, too.')
  query: string
  operator: 'LessThan' | 'GreaterThan'
  threshold: int
  windowSize: string
}

var rules Rule[] = [
  {
    name: 'timer-dead'
    description: 'StartDue has not run for 15 minutes: nothing is renewed. See docs/deploy.md, "When the timers stop".'
    severity: 1
    scope: insightsId
    query: 'requests | where name == "StartDue" and success == true | summarize Value = count()'
    operator: 'LessThan'
    threshold: 1
    windowSize: 'PT15M'
  }
  {
    name: 'sweep-dead'
    description: 'SweepState has not run for 6 hours: lost due entries are not repaired.'
    severity: 2
    scope: insightsId
    query: 'requests | where name == "SweepState" and success == true | summarize Value = count()'
    operator: 'LessThan'
    threshold: 1
    windowSize: 'PT6H'
  }
  {
    name: 'functions-failing'
    description: 'More than 20 invocations of functions failed within an hour; what callers did wrong does not count.'
    severity: 2
    scope: insightsId
    query: 'requests | where success == false and name != "GetReadiness" and (toint(resultCode) == 0 or toint(resultCode) >= 500) | summarize Value = count()'
    operator: 'GreaterThan'
    threshold: 20
    windowSize: 'PT1H'
  }
  {
    name: 'vault-refuses'
    description: 'A vault answered 403, and not because a version is disabled: a role is missing, or somebody tries doors.'
    severity: 2
    scope: workspaceId
    query: 'AZKVAuditLogs | where HttpStatusCode == 403 and not(ResultDescription has "disabled secret") | summarize Value = count()'
    operator: 'GreaterThan'
    threshold: 0
    windowSize: 'PT15M'
  }
]

resource alerts 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for rule in rules: {
    name: rule.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [rule.scope]
      evaluationFrequency: 'PT15M'
      windowSize: rule.windowSize
      autoMitigate: true
      skipQueryValidation: true // a table is there only once something was written to it
      criteria: {
        allOf: [
          {
            query: rule.query
            metricMeasureColumn: 'Value'
            timeAggregation: 'Total'
            operator: rule.operator
            threshold: rule.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [actionGroupId] }
    }
  }
]
