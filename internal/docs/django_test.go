package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// original is what a Django project like the one that this server replaces has: settings, apps,
// middlewares, context processors, validators, commands, views, templates and calls.
const original = `BASE_DIR SECRET_KEY DEBUG ALLOWED_HOSTS INSTALLED_APPS MIDDLEWARE ROOT_URLCONF TEMPLATES WSGI_APPLICATION DATABASES
AUTH_PASSWORD_VALIDATORS LANGUAGE_CODE TIME_ZONE USE_I18N USE_TZ STATIC_URL DEFAULT_AUTO_FIELD SESSION_COOKIE_AGE
django.contrib.admin django.contrib.auth django.contrib.contenttypes django.contrib.sessions django.contrib.messages django.contrib.staticfiles student
django.middleware.security.SecurityMiddleware django.contrib.sessions.middleware.SessionMiddleware django.middleware.common.CommonMiddleware
django.middleware.csrf.CsrfViewMiddleware django.contrib.auth.middleware.AuthenticationMiddleware
django.contrib.messages.middleware.MessageMiddleware django.middleware.clickjacking.XFrameOptionsMiddleware
django.template.context_processors.debug django.template.context_processors.request django.contrib.auth.context_processors.auth
django.contrib.messages.context_processors.messages UserAttributeSimilarityValidator MinimumLengthValidator CommonPasswordValidator
NumericPasswordValidator runserver migrate createsuperuser changepassword clearsessions check collectstatic setsession getsession delsession
setsession.html getsession.html delsession.html admin.site.urls modified flush clear_expired get_session_cookie_age get_expiry_age get_expiry_date
Session User Group Permission ContentType LogEntry`

func TestDjango_HasAllOfTheOriginal(t *testing.T) {
	var named strings.Builder
	for _, found := range span.FindAllStringSubmatch(readPage(t, "docs/DJANGO.md"), -1) {
		named.WriteString(" " + found[1] + " ")
	}
	for _, name := range strings.Fields(original) {
		if !regexp.MustCompile(`[^\w]` + regexp.QuoteMeta(name) + `[^\w]`).MatchString(named.String()) {
			t.Errorf("docs/DJANGO.md does not say what becomes of %s", name)
		}
	}
}

var (
	route    = regexp.MustCompile(`\{(?:path: )?"(/[^"]*)", `)
	goMember = regexp.MustCompile(`^(?:View|Draft)\.([A-Z]\w+)$`)
)

// What the second column names exists: addresses, files, and parts of package session. The test
// of all pages looks for the commands and flags.
func TestDjango_NamesWhatIsThere(t *testing.T) {
	var routes []string
	for _, file := range []string{"internal/web/routes.go", "internal/console/routes.go"} {
		for _, found := range route.FindAllStringSubmatch(readPage(t, file), -1) {
			routes = append(routes, found[1])
		}
	}
	if len(routes) < 50 {
		t.Fatalf("found %d routes; want all", len(routes))
	}
	routes = append(routes, "/livez", "/readyz", "/static/")
	n := 0
	for i, line := range strings.Split(readPage(t, "docs/DJANGO.md"), "\n") {
		_, here, table := strings.Cut(strings.TrimPrefix(line, "|"), "|")
		if !table || !strings.HasPrefix(line, "|") {
			continue
		}
		for _, found := range span.FindAllStringSubmatch(here, -1) {
			switch name := found[1]; {
			case strings.HasPrefix(name, "/"):
				if n++; !slices.Contains(routes, name) {
					t.Errorf("docs/DJANGO.md:%d: there is no route %s", i+1, name)
				}
			case strings.HasPrefix(name, "internal/"), strings.HasPrefix(name, "views/"):
				if _, err := os.Stat(filepath.Join(root, name)); err != nil {
					t.Errorf("docs/DJANGO.md:%d: %v", i+1, err)
				}
			case goMember.MatchString(name):
				member := goMember.FindStringSubmatch(name)[1]
				code := readPage(t, "session/view.go") + readPage(t, "session/draft.go")
				if !regexp.MustCompile(`(?m)^(?:\t|func \(\w \*?\w+\) )` + member + `\b`).MatchString(code) {
					t.Errorf("docs/DJANGO.md:%d: package session has no %s", i+1, name)
				}
			}
		}
	}
	if n < 10 {
		t.Errorf("the page names %d addresses; want all found", n)
	}
}
