package rules

import (
	"path"
	"regexp"
	"strings"
	"testing"
)

// forbidden are packages that the product does not import, with the reason. The bench, what
// starts all on one machine, the test kit and tests may.
var forbidden = map[string]string{
	"crypto/des": "a broken cipher", "crypto/rc4": "a broken cipher",
	"crypto/md5": "a broken hash", "crypto/sha1": "a broken hash",
	"crypto/cipher": "connections are encrypted by crypto/tls, and the secrets of second factors in one file",
	"crypto/dsa":    "a broken signature", "crypto/rsa": "signatures are crypto/tls's",
	"encoding/xml":  "no input is XML",
	"math/rand":     "ids and keys come from crypto/rand",
	"math/rand/v2":  "ids and keys come from crypto/rand",
	"os/exec":       "no input may become a command",
	"plugin":        "all code is in the binary",
	"text/template": "pages are escaped by html/template",
	"unsafe":        "memory is checked by the compiler",
}

// allowed has the only file that may import a forbidden package.
var allowed = map[string]string{"crypto/cipher": "internal/account/seal.go"}

func TestImports_NoneForbidden(t *testing.T) {
	for _, file := range files(t, ".go") {
		folder := path.Dir(file)
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(folder, "bench") || strings.HasPrefix(folder, "deploy/") || strings.HasPrefix(folder, "internal/testkit") || folder == "session/storetest" {
			continue
		}
		for _, name := range imports(t, file) {
			if why := forbidden[name]; why != "" && file != allowed[name] {
				t.Errorf("%s imports %s: %s", file, name, why)
			}
		}
	}
}

// asked matches what Fiber and fasthttp say of who sent a request. They know no trusted
// proxies, and take an unknown address for 0.0.0.0. A request of the console has its own IP.
var asked = regexp.MustCompile(`\b(?:c\.IPs?|[cr]\.(?:Protocol|Secure|Hostname|BaseURL))\(|\.(?:RemoteIP|RemoteAddr|IsTLS)\(\)`)

func TestPages_AskPackageClientWhoSentARequest(t *testing.T) {
	for _, file := range files(t, ".go") {
		switch path.Dir(file) {
		case "internal/web", "internal/console", "internal/page":
			if found := asked.FindString(read(t, file)); found != "" && !strings.HasSuffix(file, "_test.go") {
				t.Errorf("%s has %q; ask package client", file, found)
			}
		}
	}
}

// executed matches what turns a text into markup or into code.
var executed = regexp.MustCompile(`\b(?:eval|Function|insertAdjacentHTML|createContextualFragment|execScript)\(|(?:inner|outer)HTML\s*[+=]|document\.write|javascript:|set(?:Timeout|Interval)\(\s*['"` + "`]")

// The dashboard's banner and table of servers are parts of a page, which html/template has escaped.
const banner = "banner.innerHTML = html;"

func TestScripts_ShowTextAsText(t *testing.T) {
	for _, file := range files(t, ".js") {
		if !strings.HasPrefix(file, "views/") {
			continue
		}
		source := strings.ReplaceAll(read(t, file), banner, "")
		if found := executed.FindString(source); found != "" {
			t.Errorf("%s has %q; show texts with textContent", file, found)
		}
	}
}

// inline matches scripts and styles that the policy of the pages would refuse, and
// fields into which a person or a password manager could not paste.
var inline = regexp.MustCompile(`(?i)<script(?:>|\s[^>]*>[^<])|<style|\sstyle="|\son[a-z]+="|href="javascript:`)

func TestTemplates_NothingInline(t *testing.T) {
	for _, file := range files(t, ".html") {
		if found := inline.FindString(read(t, file)); strings.HasPrefix(file, "views/") && found != "" {
			t.Errorf("%s has %q; put it into a file of views/static", file, found)
		}
	}
}

// passwords matches fields of forms whose names are those of passwords.
var passwords = regexp.MustCompile(`<input[^>]*\sname="(?:password|old|new[12])"[^>]*`)

func TestTemplates_PasswordsAreMasked(t *testing.T) {
	n := 0
	for _, file := range files(t, ".html") {
		for _, field := range passwords.FindAllString(read(t, file), -1) {
			n++
			if !strings.Contains(field, `type="password"`) || !regexp.MustCompile(`autocomplete="(?:current|new)-password"`).MatchString(field) {
				t.Errorf("%s has %s; want type=password and autocomplete for password managers", file, field)
			}
		}
	}
	if n < 4 {
		t.Errorf("%d fields of passwords; want all", n)
	}
}
