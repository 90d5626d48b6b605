#!/bin/sh
# Prints secrets for the cluster, in the form of docker compose's `.env`: sh deploy/secrets.sh >> .env
set -eu
for name in SESSION WEB MOBILE DESKTOP; do
  printf '%s_SECRET=%s\n' "$name" "$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')"
done
