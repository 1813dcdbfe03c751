package e2e

import (
	"bytes"
	"image/png"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"
)

// An authenticator is an app that has scanned a QR code.
type authenticator struct {
	t   *testing.T
	key *otp.Key

	used int64 // the 30 seconds of the last code, counted from 1970
}

// code is a code that the server accepts now and in the next 30 seconds, which a slow machine
// may need: that of the present 30 seconds, or, since each counts once, the one after the last.
func (a *authenticator) code() string {
	a.t.Helper()
	a.used = max(a.used+1, time.Now().Unix()/30)
	code, err := totp.GenerateCode(a.key.Secret(), time.Unix(a.used*30, 0))
	if err != nil {
		a.t.Fatal(err)
	}
	return code
}

// scan reads the QR code on the page as a phone does: from a picture of the screen, where a
// module has a few pixels. Like a phone, it takes another picture if the first is no good.
func (b *tab) scan() *authenticator {
	b.t.Helper()
	var errs []error
	for scale := 3.0; scale < 6; scale++ {
		text, err := b.scanned(scale)
		if err == nil {
			key, err := otp.NewKeyFromURL(text)
			if err != nil {
				b.t.Fatalf("the QR code says %q: %v", text, err)
			}
			return &authenticator{t: b.t, key: key}
		}
		errs = append(errs, err)
	}
	b.t.Fatalf("the QR code cannot be read: %v", errs)
	return nil
}

// scanned returns the text of the code in a picture of that scale.
func (b *tab) scanned(scale float64) (string, error) {
	shot, err := chromedp.Run(b.ctx, chromedp.ScreenshotScale(chromedp.CSS(`.qr`), scale))
	if err != nil {
		return "", err
	}
	picture, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		return "", err
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		return "", err
	}
	// The reader takes the modules as they are: its search for a code in a photo misjudges the
	// size of some.
	found, err := qrcode.NewQRCodeReader().Decode(bits, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		return "", err
	}
	return found.GetText(), nil
}

// setUp sets up an app in the pages, and returns it with the recovery codes. The tab shows the
// page that showed them.
func (b *tab) setUp() (a *authenticator, codes []string) {
	b.t.Helper()
	b.open("/admin/second-factor/")
	b.click(`[href="/admin/second-factor/app/"]`)
	b.fill("#old", consolePassword)
	b.click("main button.main")
	b.arrives("Scan the QR code")
	a = b.scan()
	b.fill("#code", a.code())
	b.click("main button.main")
	b.arrives("Your recovery codes")
	return a, strings.Fields(eval[string](b, `document.querySelector('.codes').innerText`))
}

// signOut signs the operator out.
func (b *tab) signOut() {
	b.t.Helper()
	b.open("/admin/second-factor/")
	b.press(".menu summary")
	b.click("form[action='/admin/logout/'] button.plain")
	b.arrives("Sign in")
}

// second enters a code on the page of the second step.
func (b *tab) second(code string) {
	b.t.Helper()
	b.arrives("Second factor")
	b.fill("#code", code)
	b.click("main button.main")
}

// An operator sets up an app, and signs in with its codes and with a recovery code.
func TestBrowserSecondFactor(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 3*time.Minute)
	a, codes := b.setUp()
	b.shows("Your authenticator app is set up.", "This page shows the codes only now.", "ada at "+strings.TrimPrefix(s.url, "http://"))
	if len(codes) != 10 || slices.Contains(codes, "") {
		t.Fatalf("recovery codes %q; want ten", codes)
	}
	b.do("reload", chromedp.Reload())
	b.arrives("Your recovery codes")
	b.shows("shown once", "Make new codes")
	b.signOut()

	b.open("/admin/users/?q=ada")
	b.login("ada", consolePassword)
	b.arrives("Second factor")
	b.shows("You are signing in as ada.")
	if focus := eval[string](b, `document.activeElement.id`); focus != "code" {
		t.Errorf("the focus is on %q; want the field of the code", focus)
	}
	b.second("nonsense")
	b.shows("This code is wrong", "clock is right")
	now := a.code()
	b.second(now[:3] + " " + now[3:])
	b.arrives("Users")
	b.shows("1 wrong code or passkey followed your right password")
	if got := b.path(); got != "/admin/users/?q=ada" {
		t.Errorf("the sign-in leads to %s; want the page asked for", got)
	}
	b.signOut()

	b.login("ada", consolePassword)
	b.second(now) // used
	b.shows("or was used before")
	b.second(strings.ToLower(codes[0]))
	b.arrives("Dashboard")
	b.shows("You signed in with a recovery code", "You have 9 left")
	b.signOut()
	b.login("ada", consolePassword)
	b.second(codes[0])
	b.shows("or was used before")
	b.open("/admin/login/")
	b.login("ada", consolePassword)
	b.second(codes[1])
	b.arrives("Dashboard")
	eval[bool](b, `(history.back(), true)`) // to the page of the code, which leads on
	b.until("the dashboard again", `location.pathname === '/admin/' && document.querySelector('h1').textContent === 'Dashboard'`)
	b.forgive("status of 403", "NavigationEntryMarkedSkippable")
}

// Where a second factor is required, a new operator sets one up before anything else. It
// works without scripts.
func TestBrowserSecondFactor_Required(t *testing.T) {
	t.Parallel()
	s := start(t, "--second-factor=required")
	b := open(t, s, 2*time.Minute)
	b.open(s.firstRunLink())
	b.fill("#username", "ada")
	b.fill("#new1", consolePassword)
	b.fill("#new2", consolePassword)
	b.click("main button.main")
	b.arrives("Second factor")
	b.shows("You need a second factor here.")
	b.withoutScript()
	b.open("/admin/users/")
	b.arrives("Second factor")
	a, _ := b.setUp()
	b.click("main .button.main")
	b.shows("10 codes")
	b.open("/admin/users/")
	b.arrives("Users")
	b.signOut()
	b.login("ada", consolePassword)
	b.second(a.code())
	b.arrives("Dashboard")
}

// The QR code is read in both themes, whatever the screen, and on paper. Its page and the
// others of the second factor fit on every screen and are accessible.
func TestBrowserSecondFactor_Look(t *testing.T) {
	t.Parallel()
	s := start(t)
	b := console(t, s, 4*time.Minute)
	b.open("/admin/second-factor/app/")
	b.fill("#old", consolePassword)
	b.click("main button.main")
	b.looked("console-second-factor-scan")
	a := b.scan()
	for _, screen := range screens() {
		b.screen(screen.width, screen.height, screen.scheme)
		b.drawn()
		if again := b.scan(); again.key.String() != a.key.String() {
			t.Errorf("on %s the QR code says %s; want the same", screen.name, again.key)
		}
	}
	b.printed()
	if again := b.scan(); again.key.String() != a.key.String() {
		t.Errorf("on paper the QR code says %s; want the same", again.key)
	}
	b.onScreen()
	b.fill("#code", "000000")
	b.click("main button.main")
	b.shows("This code is wrong")
	b.looked("console-second-factor-scan-wrong")
	b.fill("#code", a.code())
	b.click("main button.main")
	b.arrives("Your recovery codes")
	b.looked("console-recovery-codes-new")
	b.screen(320, 568, "light")
	if cut := eval[float64](b, `document.querySelector('.codes').scrollWidth - document.querySelector('.codes').clientWidth`); cut > 0 {
		t.Errorf("on a narrow phone %v pixels of the codes are cut", cut)
	}
	b.printed()
	if seen := eval[string](b, `[...document.querySelectorAll('.top, .crumbs, .message, .row, .codes')].filter((e) => e.checkVisibility()).map((e) => e.className).join()`); seen != "codes" {
		t.Errorf("the printed page has %s; want the codes alone", seen)
	}
	b.shoot("console-recovery-codes-printed")
	b.onScreen()
	b.click("main .button.main")
	b.looked("console-second-factor-on")
	b.open("/admin/second-factor/app/remove/")
	b.looked("console-second-factor-remove-app")
	b.open("/admin/users/1/")
	b.shows("authenticator app")
	b.looked("console-user-second-factor-on")
	b.signOut()
	b.login("ada", consolePassword)
	b.looked("console-login-second")
	b.second("000000")
	b.looked("console-login-second-wrong")
	b.forgive("status of 403", "status of 422")
}

// printed shows the page as it is on paper, until onScreen.
func (b *tab) printed()  { b.t.Helper(); b.medium("print") }
func (b *tab) onScreen() { b.t.Helper(); b.medium("") }

func (b *tab) medium(name string) {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: name}); err != nil {
		b.t.Fatal(err)
	}
}
