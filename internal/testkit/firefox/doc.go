// Package firefox drives a real Firefox in tests, from Debian's package firefox-esr, by
// the W3C protocol WebDriver BiDi over a WebSocket. Tests name what a person sees: texts,
// headings, the roles and names of buttons and fields. Only tests may import it.
//
// The browser has no windows, keeps its files in a temporary folder, and reaches no other
// machine. Without Firefox the tests are skipped, except where the variable CI is true:
// there they fail.
package firefox
