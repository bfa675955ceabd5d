# SPDX-License-Identifier: MIT
# For bench/run: an oidc-agent of its own with an account loaded, so that oidc-token has something to answer. It never
# touches the agent or the accounts of the person who runs it.

oidc_pids=()

oidc_agent_stop() {
    local pid
    for pid in "${oidc_pids[@]}"; do
        { kill "$pid" && wait "$pid"; } 2>/dev/null || true
    done
    oidc_pids=()
}

# Waits at most ten seconds for COMMAND… to succeed.
oidc_wait() {
    local turns=200
    until "$@" 2>/dev/null; do
        sleep 0.05
        turns=$((turns - 1))
        [ "$turns" -gt 0 ] || return 1
    done
}

# oidc_agent_start SOURCE_DIR MODULES_DIR WORK_DIR: sets OIDC_SOCK, OIDC_ACCOUNT; or fails with oidc_why, a clause.
oidc_agent_start() {
    local source=$1 modules=$2 work=$3 program port refresh_token
    for program in oidc-agent oidc-gen oidc-token; do
        command -v "$program" >/dev/null || { oidc_why="$program is not installed: apt-get install oidc-agent-cli"; return 1; }
    done
    for program in node npm openssl; do
        command -v "$program" >/dev/null || { oidc_why="$program is not installed: apt-get install nodejs npm openssl"; return 1; }
    done
    mkdir -p "$modules" "$work/config"
    if ! cmp -s "$source/package-lock.json" "$modules/installed"; then
        rm -f "$modules/installed"
        cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$modules/"
        (cd "$modules" && npm ci --loglevel=error) >"$work/npm.log" 2>&1 ||
            { oidc_why="npm ci of oidc-provider failed: $(tail -n 1 "$work/npm.log")"; return 1; }
        cp "$source/package-lock.json" "$modules/installed"
    fi
    cp "$source/server.mjs" "$modules/" # a module is looked for beside the one that imports it
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
        -keyout "$work/server.key" -out "$work/server.pem" 2>"$work/openssl.log" ||
        { oidc_why="openssl made no certificate: $(tail -n 1 "$work/openssl.log")"; return 1; }
    env -u NODE_OPTIONS node "$modules/server.mjs" "$work/server.key" "$work/server.pem" >"$work/ready" 2>"$work/server.log" &
    oidc_pids+=($!)
    oidc_wait grep -q '^READY' "$work/ready" ||
        { oidc_why="the authorization server did not start: $(tail -n 1 "$work/server.log")"; return 1; }
    read -r _ port refresh_token <"$work/ready"

    export OIDC_CONFIG_DIR=$work/config OIDC_SOCK=$work/agent.sock
    # -d: it stays our child, and its own child goes with it.
    no_proxy=localhost oidc-agent -d -a "$OIDC_SOCK" --no-autoload --no-webserver --no-scheme >"$work/agent.log" 2>&1 &
    oidc_pids+=($!)
    oidc_wait test -S "$OIDC_SOCK" || { oidc_why="oidc-agent did not start: $(tail -n 1 "$work/agent.log")"; return 1; }
    od -An -tx1 -N16 /dev/urandom | tr -d ' ' >"$work/password"
    OIDC_REFRESH_TOKEN=$refresh_token timeout 60 oidc-gen --manual --iss="https://localhost:$port" --client-id=bench \
        --client-secret=bench-secret --scope='openid offline_access' --redirect-uri=http://localhost:4242 --rt-env \
        --cp="$work/server.pem" --pw-file="$work/password" --prompt=none --confirm-yes --no-url-call bench \
        </dev/null >"$work/gen.log" 2>&1 || { oidc_why="oidc-gen made no account: $(tail -n 1 "$work/gen.log")"; return 1; }
    OIDC_ACCOUNT=bench
}

# Whether oidc-token hands out one token again and again, as it must for a comparison with a stored one.
oidc_token_is_stored() {
    local first
    first=$(oidc-token "$1" 2>/dev/null </dev/null) && [ -n "$first" ] && [ "$first" = "$(oidc-token "$1" 2>/dev/null </dev/null)" ] ||
        { oidc_why="oidc-token gave no token for the account $1, or not the same one twice"; return 1; }
}
