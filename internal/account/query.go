package account

// Choice filters by a flag. The zero value matches all users.
type Choice uint8

// The choices.
const (
	Any Choice = iota
	Yes
	No
)

// UserSort is a column to sort users by. Equal users are in the order of usernames.
type UserSort string

// The columns. "" means SortUsername.
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

// NoGroup as UserQuery.Group matches users without a group.
const NoGroup = ^uint64(0)

// A UserQuery selects users. The zero value selects all users by username.
type UserQuery struct {
	Search     string // each word must be in the username, e-mail address or a name, in any case
	Active     Choice
	Staff      Choice
	Superuser  Choice
	Group      uint64   // 0 for any
	Sort       UserSort // an unknown column means SortUsername
	Descending bool
	Offset     int // a negative one counts as 0
	Limit      int // 0 for no limit
}

// A UserPage is the result of Users.
type UserPage struct {
	Users []User
	Total int // matches on all pages
	// Counts has the number of matches for each value of each filter, with the search
	// and the other filters unchanged.
	Counts UserCounts
}

// UserCounts has the numbers beside the filters.
type UserCounts struct {
	Active    FlagCount
	Staff     FlagCount
	Superuser FlagCount
	Groups    map[uint64]int // by group, NoGroup for users without one; groups without a match are missing
}

// FlagCount is the number of users with and without a flag.
type FlagCount struct{ Yes, No int }

// A GroupQuery selects groups. The zero value selects all groups by name.
type GroupQuery struct {
	Search     string // each word must be in the name, in any case
	Descending bool
	Offset     int // a negative one counts as 0
	Limit      int // 0 for no limit
}

// A GroupPage is the result of Groups.
type GroupPage struct {
	Groups []Group
	Total  int // matches on all pages
}
