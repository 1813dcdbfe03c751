package servers

import "fmt"

// clash returns why two servers cannot share sessions, and what to do; "" if they can. own is
// the server that is told.
func clash(own, other *Info) string {
	switch {
	case own.Key != other.Key:
		return fmt.Sprintf("server %s signs with another key: %s", other.Name, keyCure)
	case own.AccountsFile:
		return fmt.Sprintf("server %s shares the sessions, and this server has its accounts in a file; %s", other.Name, accountsCure)
	case other.AccountsFile:
		return fmt.Sprintf("server %s shares the sessions, and has its accounts in a file; %s", other.Name, accountsCure)
	case own.Accounts != other.Accounts && own.Accounts != "" && other.Accounts != "":
		return fmt.Sprintf("server %s has its accounts in another PostgreSQL database; give both the same --accounts", other.Name)
	case own.ACME:
		return fmt.Sprintf("server %s shares the sessions, and --domain works with one server only, because requests of the certificate authority "+
			"would reach either of them; get the certificates elsewhere and name their files with --tls-cert and --tls-key", other.Name)
	}
	return ""
}

const accountsCure = "several servers need accounts in one PostgreSQL database: --accounts postgres://...; " +
	"\"pagesession accounts move\" takes them there"
