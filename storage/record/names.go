package record

import "slices"

// OrderNames returns the names of the orders, as commands and the control socket
// write them, in the order in which help lists them.
func OrderNames() []string { return namesOf(orders()) }

// ParseOrder returns the order with a name, or ByCreated and false for an unknown
// name.
func ParseOrder(name string) (Order, bool) { return find(orders(), name) }

// StatesNames returns the names of the values of States, in the order in which help lists them.
func StatesNames() []string { return namesOf(states()) }

// ParseStates returns the States with a name, or LiveOnly and false for an unknown
// name.
func ParseStates(name string) (States, bool) { return find(states(), name) }

type named[T any] struct {
	name  string
	value T
}

func orders() []named[Order] {
	return []named[Order]{
		{"created", ByCreated}, {"used", ByUsed}, {"remaining", ByRemaining}, {"absolute", ByAbsolute},
		{"refreshes", ByRefreshes}, {"ended", ByEnded}, {"handle", ByHandle},
	}
}

func states() []named[States] {
	return []named[States]{{"live", LiveOnly}, {"ended", EndedOnly}, {"all", LiveAndEnded}}
}

func namesOf[T any](table []named[T]) (names []string) {
	for _, n := range table {
		names = append(names, n.name)
	}
	return names
}

func find[T any](table []named[T], name string) (T, bool) {
	i := slices.IndexFunc(table, func(n named[T]) bool { return n.name == name })
	if i < 0 {
		var zero T
		return zero, false
	}
	return table[i].value, true
}
