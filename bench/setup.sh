#!/bin/sh
# Installs what the benchmark drives and compares with, on Debian and Ubuntu.
# Peers come from npm into bench/.cache on their own; WireMock also needs a JRE.
set -eu
apt-get install -y nginx-light wrk util-linux
command -v node >/dev/null || apt-get install -y nodejs npm
command -v java >/dev/null || apt-get install -y default-jre-headless
