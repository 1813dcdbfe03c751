package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
)

// These tests use the browser's virtual authenticator. A passkey needs a host name, so they
// are at localhost.

// A virtual is an authenticator of a tab.
type virtual struct {
	b  *tab
	id webauthn.AuthenticatorID
}

// authenticator gives the tab an authenticator that is touched at once. verifies: it asks
// for a finger, and gets it.
func (b *tab) authenticator(verifies bool) virtual {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, webauthn.Enable, webauthn.EnableParams{})
	if err != nil {
		b.t.Fatalf("enable WebAuthn: %v", err)
	}
	kind := webauthn.AuthenticatorTransportUsb
	if verifies {
		kind = webauthn.AuthenticatorTransportInternal
	}
	made, err := chromedp.Call(b.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Transport: kind, HasResidentKey: verifies,
			HasUserVerification: verifies, IsUserVerified: verifies, AutomaticPresenceSimulation: true,
		},
	})
	if err != nil {
		b.t.Fatalf("add an authenticator: %v", err)
	}
	return virtual{b, made.AuthenticatorID}
}

// verifies says whether the next check of the finger succeeds.
func (v virtual) verifies(yes bool) {
	v.b.t.Helper()
	_, err := chromedp.Call(v.b.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: v.id, IsUserVerified: yes})
	if err != nil {
		v.b.t.Fatal(err)
	}
}

// keys returns what the authenticator has.
func (v virtual) keys() []*webauthn.Credential {
	v.b.t.Helper()
	all, err := chromedp.Call(v.b.ctx, webauthn.GetCredentials, webauthn.GetCredentialsParams{AuthenticatorID: v.id})
	if err != nil {
		v.b.t.Fatal(err)
	}
	return all.Credentials
}

// counts sets the count of signatures of the authenticator's only passkey.
func (v virtual) counts(n float64) {
	v.b.t.Helper()
	_, err := chromedp.Call(v.b.ctx, webauthn.SetCredentialProperties, webauthn.SetCredentialPropertiesParams{
		AuthenticatorID: v.id, CredentialID: v.keys()[0].CredentialID, SignCount: &n,
	})
	if err != nil {
		v.b.t.Fatal(err)
	}
}

// unplug removes the authenticator.
func (v virtual) unplug() {
	v.b.t.Helper()
	_, err := chromedp.Call(v.b.ctx, webauthn.RemoveVirtualAuthenticator, webauthn.RemoveVirtualAuthenticatorParams{AuthenticatorID: v.id})
	if err != nil {
		v.b.t.Fatal(err)
	}
}

// addPasskey adds a passkey in the pages.
func (b *tab) addPasskey(name string) {
	b.t.Helper()
	b.open("/admin/second-factor/")
	b.click(`[href="/admin/second-factor/passkeys/add/"]`)
	b.until("the button", `!document.querySelector('main button.main').hidden`)
	b.fill("#name", name)
	b.fill("#old", consolePassword)
	b.click("main button.main")
}

// says waits until the form with the passkey shows a text.
func (b *tab) says(text string) {
	b.t.Helper()
	b.until(text, `document.querySelector('[data-failed]')?.checkVisibility() && document.querySelector('[data-failed]').textContent.includes(`+quoted(text)+`)`)
}

// An operator adds a passkey and signs in with it alone.
func TestBrowserPasskey_Alone(t *testing.T) {
	t.Parallel()
	s := start(t).named("localhost")
	b := console(t, s, 3*time.Minute)
	v := b.authenticator(true)
	b.addPasskey("Laptop")
	b.arrives("Your recovery codes")
	b.shows("The passkey was added.")
	b.open("/admin/second-factor/")
	b.shows("Laptop", "Signs you in alone", "10 codes")
	if keys := v.keys(); len(keys) != 1 || keys[0].RpID != "localhost" || keys[0].UserName != "ada" || !keys[0].IsResidentCredential || len(keys[0].UserHandle) != 32 {
		t.Errorf("the authenticator has %+v", keys)
	}
	b.open("/admin/second-factor/passkeys/add/") // again on the same device
	b.fill("#name", "Again")
	b.fill("#old", "wrong")
	b.press("main button.main")
	b.says("Your current password is wrong.")
	b.fill("#old", consolePassword)
	b.press("main button.main")
	b.says("has a passkey for your account already")

	b.signOut()
	b.open("/admin/users/?q=ada")
	b.click(".other button")
	b.arrives("Users")
	if got := b.path(); got != "/admin/users/?q=ada" {
		t.Errorf("the sign-in leads to %s; want the page asked for", got)
	}
	b.signOut()
	v.verifies(false)
	b.press(".other button")
	b.says("The browser did not use a passkey")
	v.verifies(true)
	v.counts(0)
	b.click(".other button")
	b.shows("This passkey was refused", "there may be a copy of it")
	v.unplug()
	b.forgive("status of 403", "status of 422", "NavigationEntryMarkedSkippable")
}

// A security key that verifies no user follows the password. The operator renames and
// removes it.
func TestBrowserPasskey_AfterThePassword(t *testing.T) {
	t.Parallel()
	s := start(t).named("localhost")
	b := console(t, s, 3*time.Minute)
	b.authenticator(false)
	b.addPasskey("Key")
	b.arrives("Your recovery codes")
	b.open("/admin/second-factor/")
	b.shows("After your password")
	b.signOut()
	b.login("ada", consolePassword)
	b.arrives("Second factor")
	b.shows("You are signing in as ada.", "Use your passkey", "Recovery code")
	b.click("[data-passkey] button")
	b.arrives("Dashboard")
	b.open("/admin/log/")
	b.shows("signed in: passkey", "added a second factor: passkey")

	b.open("/admin/second-factor/")
	b.click(`[href$="/rename/"]`)
	b.fill("#name", "Key on the ring")
	b.fill("#old", consolePassword)
	b.click("main button.main")
	b.arrives("Second factor")
	b.shows("The passkey was renamed.", "Key on the ring")
	b.click(`[href$="/remove/"]`)
	b.arrives("Remove passkey")
	b.fill("#old", consolePassword)
	b.click("main button.main")
	b.shows("The passkey was removed.", "no fake page can use it")
	b.signOut()
	b.login("ada", consolePassword)
	b.arrives("Dashboard")
}

// At an IP address, and in a browser without passkeys, the pages offer none. A passkey of
// another host does not help there; a recovery code does.
func TestBrowserPasskey_Elsewhere(t *testing.T) {
	t.Parallel()
	plain := start(t)
	s := plain.named("localhost")
	b := console(t, s, 3*time.Minute)
	b.authenticator(true)
	b.addPasskey("Laptop")
	b.arrives("Your recovery codes")
	codes := strings.Fields(eval[string](b, `document.querySelector('.codes').innerText`))
	b.open("/admin/logout/")
	b.forgive("status of 405")

	b.at(plain).open("/admin/login/")
	b.arrives("Sign in")
	if eval[bool](b, `Boolean(document.querySelector('.other'))`) {
		t.Error("the sign-in page at an IP address has a button for passkeys")
	}
	b.login("ada", consolePassword)
	b.arrives("Second factor")
	b.shows("Your passkey does not work at this address.", "Open the console at localhost instead of 127.0.0.1.")
	b.second(codes[0])
	b.arrives("Dashboard")
	b.open("/admin/second-factor/")
	b.shows("only at localhost", "this address is an IP address")

	b.before(`delete window.PublicKeyCredential`)
	b.at(s).open("/admin/second-factor/passkeys/add/")
	b.shows("Passkeys need JavaScript and a newer browser.")
	if eval[bool](b, `document.querySelector('main button.main').checkVisibility()`) {
		t.Error("a browser without passkeys shows the button")
	}
	b.open("/admin/logout/")
	b.forgive("status of 405")
}

// Without the server's answer the page says so, and another try works. The session of the
// form may have ended.
func TestBrowserPasskey_ServerAway(t *testing.T) {
	t.Parallel()
	s := start(t).named("localhost")
	b := console(t, s, 3*time.Minute)
	b.authenticator(true)
	b.open("/admin/second-factor/passkeys/add/")
	b.fill("#name", "Laptop")
	b.fill("#old", consolePassword)
	b.offline(true)
	b.press("main button.main")
	b.says("The server did not answer. Try again.")
	b.offline(false)
	b.click("main button.main")
	b.arrives("Your recovery codes")
	other := b.another()
	other.open("/admin/second-factor/passkeys/add/")
	other.fill("#name", "Phone")
	other.fill("#old", consolePassword)
	// At once, since a page of the console goes away when it notices.
	eval[bool](other, `(fetch('/admin/logout/', {method: 'POST'}).then(() => document.querySelector('main button.main').click()), true)`)
	other.arrives("Sign in")
	for _, tab := range []*tab{b, other} {
		tab.forgive("loading failed", "ERR_INTERNET_DISCONNECTED", "NavigationEntryMarkedSkippable")
	}
}

// The pages of passkeys fit on every screen and are accessible.
func TestBrowserPasskey_Look(t *testing.T) {
	t.Parallel()
	s := start(t).named("localhost")
	b := console(t, s, 4*time.Minute)
	b.open("/admin/second-factor/passkeys/add/")
	b.looked("console-passkey-add")
	b.authenticator(true)
	b.addPasskey(strings.Repeat("Wwwwwwwwww", 10))
	b.arrives("Your recovery codes")
	b.open("/admin/second-factor/")
	b.looked("console-second-factor-passkeys")
	for _, what := range []string{"rename", "remove"} {
		b.open("/admin/second-factor/")
		b.click(`[href$="/` + what + `/"]`)
		b.looked("console-passkey-" + what)
	}
	b.signOut()
	b.looked("console-login-passkey")
	b.login("ada", consolePassword)
	b.arrives("Second factor")
	b.looked("console-login-second-passkey")
}
