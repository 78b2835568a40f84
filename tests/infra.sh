#!/usr/bin/env bash
# The Bicep below infra/: builds and lints every file, and fails on any warning (the CLI itself ends with 0 on those); fails when
# azuredeploy.json or a snapshot is not what main.bicep says today. Sourced by run.sh; alone: "tests/infra.sh", or "tests/infra.sh --update".
readonly bicep_version=0.49.2

check_infrastructure() {
  local log="$1/infra.log" file
  if ! bicep=$(bicep_cli "$log"); then fail "fetching the Bicep CLI (whole output: $log)"; return; fi

  # Silence is the proof: a warning is a line, and no exit code.
  if "$bicep" lint --pattern 'infra/**/*.bicep' > "$log" 2>&1 && [ ! -s "$log" ]
  then pass "every Bicep file builds and lints without a warning"
  else sort -u "$log"; fail "every Bicep file builds and lints without a warning"; fi

  if "$bicep" build infra/main.bicep --stdout 2> "$log" | cmp -s - infra/azuredeploy.json && [ ! -s "$log" ]
  then pass "infra/azuredeploy.json is main.bicep, compiled"
  else sort -u "$log"; fail "infra/azuredeploy.json is main.bicep, compiled (after a change: tests/infra.sh --update)"; fi

  for file in infra/snapshots/*.bicepparam; do
    if snapshot "$file" validate > "$log" 2>&1
    then pass "${file%.bicepparam}.snapshot.json is what Azure would get"
    else tail -40 "$log"; fail "${file%.bicepparam}.snapshot.json is what Azure would get (after a change: tests/infra.sh --update)"; fi
  done
}

# The host reads host.json alone, so the build decides. Evaluating needs none of the packages.
check_host_files() {
  local backend file
  for backend in DurableTaskScheduler:host.json AzureStorage:host.AzureStorage.json; do
    file=${backend#*:} backend=${backend%:*}
    if dotnet msbuild src/CertFunctions.App -getItem:Content -p:FunctionsRuntime=Azure -p:DurableBackend="$backend" \
      | grep -A 12 "\"Identity\": \"$file\"" | grep -q '"TargetPath": "host.json"'
    then pass "built for $backend, $file ships as host.json"
    else fail "built for $backend, $file ships as host.json"; fi
  done
}

update_infrastructure() {
  local file
  bicep=$(bicep_cli /dev/null) && "$bicep" build infra/main.bicep --outfile infra/azuredeploy.json || return
  for file in infra/snapshots/*.bicepparam; do snapshot "$file" overwrite || return; done
}

# From NuGet, through its ordinary client; a folder outside the repository, so that no Directory.Build.props applies.
bicep_cli() {
  local folder home
  folder=$(mktemp -d)
  cat > "$folder/bicep.csproj" <<-END
	<Project Sdk="Microsoft.NET.Sdk">
	  <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
	  <ItemGroup><PackageDownload Include="Azure.Bicep.CommandLine.linux-x64" Version="[$bicep_version]" /></ItemGroup>
	</Project>
	END
  if ! dotnet restore "$folder/bicep.csproj" > "$1" 2>&1; then tail -5 "$1" >&2; rm -rf "$folder"; return 1; fi
  rm -rf "$folder"

  home=$(dotnet nuget locals global-packages --list | sed 's/.*: //')
  home="${home%/}/azure.bicep.commandline.linux-x64/$bicep_version/tools/bicep"
  [ -x "$home" ] && echo "$home"
}

snapshot() { "$bicep" snapshot "$1" --mode "$2" --subscription-id 00000000-0000-0000-0000-000000000001 --location westeurope; }

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  set -u
  cd "$(dirname "$0")/.." || exit 1
  bad=0
  pass() { echo "ok    $1"; }
  fail() { bad=1; echo "FAIL  $1"; }
  if [ "${1:-}" = --update ]; then update_infrastructure; else check_infrastructure "$(mktemp -d)"; check_host_files; exit "$bad"; fi
fi
