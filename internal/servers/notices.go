package servers

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// noticesOf returns what is wrong among running servers. The first one is this server. Each
// notice is a sentence or two for operators.
func noticesOf(all []Info) (list []string) {
	own := &all[0]
	for i := range all[1:] {
		other := &all[1+i]
		if text := clash(own, other); text != "" {
			list = append(list, upper(text)+".")
		} else if other.ACME {
			list = append(list, fmt.Sprintf("Server %s gets its certificates with --domain, which works with one server only; get them elsewhere, and name "+
				"their files with --tls-cert and --tls-key.", other.Name))
		}
		if other.Name == own.Name {
			list = append(list, fmt.Sprintf("Two servers call themselves %s. Give each its own --server-name.", own.Name))
		}
	}
	if text := differing(all, func(i *Info) string { return i.Version }); text != "" {
		list = append(list, "The servers run different versions: "+text+". That is fine during an upgrade.")
	}
	names := map[string]bool{}
	for i := range all {
		for name := range all[i].Settings {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if text := differing(all, func(i *Info) string { return i.Settings[name] }); text != "" {
			list = append(list, "The servers have different values of --"+name+": "+text+". Give all the same one, and restart them one after the other.")
		}
	}
	return slices.Compact(list)
}

// differing names each value with its servers; "" if all have the same.
func differing(all []Info, value func(*Info) string) string {
	servers := map[string][]string{}
	for i := range all {
		if v := value(&all[i]); v != "" { // a server of another version may not know the setting
			servers[v] = append(servers[v], all[i].Name)
		}
	}
	if len(servers) < 2 {
		return ""
	}
	var parts []string
	for _, v := range slices.Sorted(maps.Keys(servers)) {
		parts = append(parts, v+" on "+strings.Join(slices.Sorted(slices.Values(servers[v])), ", "))
	}
	return strings.Join(parts, "; ")
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
