package account

// Choice filters by a flag; the zero value lets all users pass.
type Choice uint8

// The choices.
const (
	Any Choice = iota
	Yes
	No
)

// UserSort is a column by which users are sorted; equal ones by username.
type UserSort string

// The columns; "" is SortUsername.
const (
	SortUsername  UserSort = "username"
	SortEmail     UserSort = "email"
	SortFirstName UserSort = "first_name"
	SortLastName  UserSort = "last_name"
	SortActive    UserSort = "is_active"
	SortStaff     UserSort = "is_staff"
	SortSuperuser UserSort = "is_superuser"
	SortLastLogin UserSort = "last_login"
	SortJoined    UserSort = "date_joined"
)

// NoGroup as UserQuery.Group filters those who are in no group.
const NoGroup = ^uint64(0)

// A UserQuery says which users are wanted. The zero value is all, by username.
type UserQuery struct {
	Search     string // each word must be part of the username, e-mail or a name; case does not count
	Active     Choice
	Staff      Choice
	Superuser  Choice
	Group      uint64   // 0 is any
	Sort       UserSort // an unknown one is SortUsername
	Descending bool
	Offset     int // negative is 0
	Limit      int // 0 is no limit
}

// A UserPage is the answer.
type UserPage struct {
	Users []User
	Total int // how many match, on all pages
	// Counts has, for each filter, how many would match if it were set so,
	// with the search and the other filters as they are.
	Counts UserCounts
}

// UserCounts are the numbers beside the filters.
type UserCounts struct {
	Active    FlagCount
	Staff     FlagCount
	Superuser FlagCount
	Groups    map[uint64]int // by group; NoGroup for those in none; one that is missing has none
}

// FlagCount is how many have a flag and how many have it not.
type FlagCount struct{ Yes, No int }

// A GroupQuery says which groups are wanted. The zero value is all, by name.
type GroupQuery struct {
	Search     string // each word must be part of the name; case does not count
	Descending bool
	Offset     int // negative is 0
	Limit      int // 0 is no limit
}

// A GroupPage is the answer.
type GroupPage struct {
	Groups []Group
	Total  int // how many match, on all pages
}
