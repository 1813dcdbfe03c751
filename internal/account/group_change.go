package account

// CreateGroup adds a group with g's Name and Permissions. It needs AddGroup.
// Errors: ValidationErrors, ErrForbidden, ErrFull, ErrUnavailable, ErrClosed.
func (s *Store) CreateGroup(actor Actor, g Group) (Group, error) { return Group{}, errNotBuilt }

// UpdateGroup writes Name and Permissions of the group g.ID; of Version as
// UpdateUser. It needs ChangeGroup. Errors as CreateGroup's, and ErrNotFound,
// ErrChanged.
func (s *Store) UpdateGroup(actor Actor, g Group) (Group, error) { return Group{}, errNotBuilt }

// DeleteGroups deletes all of these groups, or none; their members lose what
// they had by them. It needs DeleteGroup. The error names the first that cannot be deleted: ErrNotFound,
// or ErrForbidden, ErrUnavailable, ErrClosed.
func (s *Store) DeleteGroups(actor Actor, ids ...uint64) error { return errNotBuilt }
