package config

// Args returns the flags that set c.
func Args(c Config) []string {
	var args []string
	for _, s := range settings() {
		if s.hasFlag() {
			args = append(args, "--"+s.name+"="+s.show(c))
		}
	}
	return args
}
