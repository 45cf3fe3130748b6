# Shared by the proofs of screens: pages in a real Chromium.
needs_pages
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ -d "$here/web/node_modules/playwright-core" ] || not_run "没有 web/node_modules：先 npm ci in web"
[ -x /usr/bin/chromium ] || not_run "没有 chromium"
pages() { # PART: what it saw is told; its figures are kept beside the pictures
	E2E_WAIT=${E2E_WAIT:-300000} node "$here/web/e2e/screens.mjs" --base "$SHANSHUI_URL" --only "$1"
}
