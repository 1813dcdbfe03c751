package health

import (
	"strings"

	"pagesession/storage"
)

// theServers is the name of the entry of the servers in lists.
const theServers = "servers"

// OfServers reports whether this is the entry of the servers that share the sessions. It may
// name their versions.
func (f File) OfServers() bool { return f.Name == theServers }

// Servers returns the words for what is wrong among the servers that share the sessions at url. Each notice is a sentence or two.
func Servers(url string, notices []string) File {
	return File{Name: theServers, Path: url, State: storage.FileOK.String(), Notice: strings.Join(notices, " ")}
}
