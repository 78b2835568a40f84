#!/usr/bin/env bash
# The one test command: builds, runs every test project, tries the two flavours, checks the stated speed limits.
# Totals come from the result files in TestResults/, never from console text. A skipped test, a project without
# tests or without a result file, and a failed build each count as a failure. Last line: "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 MSBUILDDISABLENODEREUSE=1 MODEL_SCHEDULES=all

readonly results=TestResults
readonly projects=(Core.Tests LocalRuntime.Tests App.Tests Servers.Tests)
readonly app=src/CertFunctions.App
passed=0 failed=0 failures=()

pass() { passed=$((passed + 1)); echo "ok    $1"; }
fail() { failed=$((failed + 1)); failures+=("$1"); echo "FAIL  $1"; }
trap summary EXIT
. tests/infra.sh

main() {
  rm -rf "$results" && mkdir -p "$results"
  install_if_missing openssl curl node:nodejs npm keytool:default-jre-headless kubectl:kubernetes-client pebble named:bind9 dig:bind9-dnsutils lego update-ca-certificates:ca-certificates nginx:nginx-light
  install_azurite &   # a minute of waiting for the network: meanwhile the rest is built and the first projects run

  local azurite=$! project
  if build; then
    for project in "${projects[@]}"; do
      if [ "$project" = Servers.Tests ]; then wait "$azurite" || fail "installing Azurite (whole output: $results/azurite.log)"; fi
      run_tests "CertFunctions.$project"
    done
    publishing_the_local_flavour_is_refused
    check_benchmarks
  fi
  check_infrastructure "$results"
  check_host_files
  a_misspelt_runtime_is_refused
  the_azure_flavour_restores_or_says_what_is_missing
}

# Programs by name, or program:package where the distribution's package is called otherwise.
install_if_missing() {
  local missing=() tool root=()
  for tool in "$@"; do command -v "${tool%%:*}" > /dev/null || missing+=("${tool##*:}"); done
  [ ${#missing[@]} -eq 0 ] && return
  [ "$(id -u)" -eq 0 ] || root=(sudo)
  # The package lists of a clean machine are empty, hence the update.
  "${root[@]}" apt-get update -qq && DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq "${missing[@]}" \
    || fail "installing ${missing[*]}"
}

# Where the tests look for it, too (SERVERS_CACHE names another folder, so that clones may share one).
install_azurite() {
  local folder="${SERVERS_CACHE:-tests/.cache}/azurite" version=3.37.0
  grep -qsF "\"version\": \"$version\"" "$folder/node_modules/azurite/package.json" && return
  echo "installing azurite $version (365 MB, about a minute)"
  mkdir -p "$folder"
  npm install --no-audit --no-fund --prefix "$folder" "azurite@$version" > "$results/azurite.log" 2>&1 && return
  tail -5 "$results/azurite.log"
  return 1
}

build() {
  echo "building (about a minute on a clean clone)"
  if dotnet build CertFunctions.sln -p:Servers=true -v q > "$results/build.log" 2>&1; then pass "the solution builds without a warning"; return 0; fi
  grep -E 'error|warn' "$results/build.log" | sort -u | head -40 || true
  fail "the solution builds without a warning (whole output: $results/build.log)"
  return 1
}

# Runs the project's own executable: same runner as dotnet test, without evaluating every project again.
run_tests() {
  local name=$1 xml="$results/$1.xml" log="$results/$1.log" code=0 report
  echo "running $name"
  timeout 2400 "tests/$name/bin/Local/Debug/net10.0/$name" -noColor -noAutoReporters -result-xml "$xml" > "$log" 2>&1 || code=$?
  if [ ! -s "$xml" ]; then tail -20 "$log"; fail "$name left no result file (exit code $code)"; return; fi

  local total good bad skipped not_run errors
  total=$(count "$xml" total) good=$(count "$xml" passed) bad=$(count "$xml" failed)
  skipped=$(count "$xml" skipped) not_run=$(count "$xml" not-run) errors=$(count "$xml" errors)
  passed=$((passed + good)) failed=$((failed + bad))
  echo "      $good passed, $bad failed, $skipped skipped, $not_run not run, $errors errors"

  # Reports that tests leave beside themselves: figures to read, not to count.
  for report in "tests/$name/bin/Local/Debug/net10.0/"*-points.txt; do [ -f "$report" ] && cp "$report" "$results/" && cat "$report"; done

  if [ "$bad" -gt 0 ]; then
    while IFS= read -r test; do failures+=("$test"); done < <(failed_tests "$xml")
    grep -A 25 -F '[FAIL]' "$log" | head -200
  fi
  [ "$total" -gt 0 ] || fail "$name has no tests"
  [ "$total" -eq $((good + bad + skipped + not_run)) ] || fail "$name left a result file whose counts do not add up"
  [ "$skipped" -eq 0 ] || fail "$name skipped $skipped tests"
  [ "$not_run" -eq 0 ] || fail "$name did not run $not_run tests"
  [ "$errors" -eq 0 ] || fail "$name had $errors errors outside a test"
  [ "$code" -eq 0 ] || [ "$bad" -gt 0 ] || fail "$name ended with exit code $code"
}

# One attribute of the result file's assembly element; a missing one is 0, and then the sum above does not come out.
count() {
  local value
  value=$(grep -o '<assembly [^>]*>' "$1" | grep -o " $2=\"[0-9]*\"" | head -1 | tr -dc 0-9)
  echo "${value:-0}"
}

failed_tests() { grep -o '<test [^>]*result="Fail"[^>]*>' "$1" | sed 's/.* name="\([^"]*\)".*/\1/; s/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g'; }

publishing_the_local_flavour_is_refused() {
  local log="$results/publish-local.log"
  if ! dotnet publish "$app" --no-build -c Debug > "$log" 2>&1 && grep -qF 'The Local runtime cannot be deployed.' "$log"
  then pass "publishing the Local flavour is refused with a sentence"
  else tail -5 "$log"; fail "publishing the Local flavour is refused with a sentence"; fi
}

a_misspelt_runtime_is_refused() {
  local log="$results/misspelt.log"
  if ! dotnet build "$app" -p:FunctionsRuntime=Azur > "$log" 2>&1 && grep -qF 'runtime.Azur.props' "$log"
  then pass "a misspelt FunctionsRuntime fails the build and names the missing file"
  else tail -5 "$log"; fail "a misspelt FunctionsRuntime fails the build and names the missing file"; fi
}

# With an empty package cache, so that nothing left over from another build answers for the registry.
the_azure_flavour_restores_or_says_what_is_missing() {
  local log="$results/restore-azure.log" name="the Azure flavour restores, or lacks only packages of runtime.Azure.props" cache code=0 foreign
  cache=$(mktemp -d)
  NUGET_PACKAGES=$cache timeout 600 dotnet restore "$app" -p:FunctionsRuntime=Azure > "$log" 2>&1 || code=$?
  rm -rf "$cache"
  if [ "$code" -eq 0 ]; then pass "$name (restored)"; return; fi

  foreign=$(grep -E '(^|[ :])error ' "$log" | grep -vE "error NU110[12]: (Unable to find package ($(azure_packages))(\. | with )|  - Found )" | sort -u)
  if [ -z "$foreign" ] && grep -qE 'error NU110[12]:' "$log"; then pass "$name (this registry lacks them)"
  else echo "$foreign" | head; fail "$name"; fi
}

azure_packages() { grep -o 'PackageReference Include="[^"]*"' "$app/runtime.Azure.props" | cut -d'"' -f2 | sed 's/\./\\./g' | paste -sd'|'; }

# Counted as soon as the program knows --check; until then this line says that it was not.
check_benchmarks() {
  local project=tests/CertFunctions.Benchmarks log="$results/benchmarks.log"
  if ! grep -qF -- '--check' "$project"/*.cs; then echo "note  the speed limits are not checked: $project has no --check yet"; return; fi
  timeout 600 dotnet run -c Release --project "$project" -- --check > "$log" 2>&1
  local code=$?
  cat "$log"
  if [ "$code" -eq 0 ]; then pass "the benchmarks keep their limits"; else fail "the benchmarks keep their limits (exit code $code)"; fi
}

summary() {
  if [ ${#failures[@]} -gt 0 ]; then printf '\nFailed:\n'; printf '  %s\n' "${failures[@]}"; fi
  # Nothing counted is no success: something above ended the script early.
  [ $((passed + failed)) -gt 0 ] || failed=1
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]; exit $?
}

main "$@"
