package account

// Cheap makes hashes that cost nothing, for tests that are about other things.
func (cfg Config) Cheap() Config {
	cfg.cost = argon2Cost{memory: 8, passes: 1, threads: 1}
	return cfg
}

// Dearer makes hashes that cost a little more.
func (cfg Config) Dearer() Config {
	cfg.cost = argon2Cost{memory: 16, passes: 2, threads: 1}
	return cfg
}

// Keep makes the audit log shorter.
func (cfg Config) Keep(entries, failures uint64) Config {
	cfg.keep = retention{entries, failures}
	return cfg
}

// HashOf is the stored hash of a user.
func (s *Store) HashOf(id uint64) string { return s.state.Load().users[id].hash }

// SetHash plants a hash, as an import does.
func (s *Store) SetHash(id uint64, hash string) error {
	return s.change(trusted, func(c *change) error {
		_, err := c.putUser(c.state.users[id].lent(), hash)
		return err
	})
}

// Occupy fills the hasher and its queue, until the function that it returns is
// called.
func (s *Store) Occupy() (release func()) {
	begun, block := make(chan struct{}), make(chan struct{})
	s.hasher.try(func() { close(begun); <-block })
	<-begun
	for s.hasher.try(func() {}) {
	}
	return func() { close(block) }
}
