package config

// superuserSettings are the variables of createsuperuser.
func superuserSettings() []setting {
	return []setting{{
		name:    "superuser-username",
		help:    "the operator's name, for --noinput",
		command: CreateSuperuser,
	}, {
		name:    "superuser-email",
		help:    "the operator's e-mail address, for --noinput",
		command: CreateSuperuser,
	}, {
		name:    "superuser-password",
		help:    "the operator's password, for --noinput",
		command: CreateSuperuser,
		secret:  true,
	}}
}

// CreateSuperuser is the command that has its own variables, below.
const CreateSuperuser = "createsuperuser"

// The variables of createsuperuser. Only this command reads them.
const (
	EnvSuperuserUsername = envPrefix + "SUPERUSER_USERNAME"
	EnvSuperuserEmail    = envPrefix + "SUPERUSER_EMAIL"
	EnvSuperuserPassword = envPrefix + "SUPERUSER_PASSWORD"
)
