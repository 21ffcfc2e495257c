package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fieldgate/internal/config"
	"fieldgate/internal/secret"
)

var complete = []string{
	"DATABASE_URL=postgres://app:hunter2@db/fieldgate", "FIELDGATE_BASE_URL=https://portal.example.com/", "FIELDGATE_SECRET_KEY=0123456789abcdef0123456789abcdef",
	"FIELDGATE_SMTP_URL=smtp://user:hunter2@mail.example.com:587", "FIELDGATE_MAIL_FROM=Northwind Air <portal@example.com>", "FIELDGATE_STORAGE=file:///var/lib/fieldgate",
	"FIELDGATE_LISTEN=:8080", "FIELDGATE_TRUSTED_PROXIES=10.0.0.0/8, 192.0.2.1", "PATH=/bin",
	"FIELDGATE_SERVICE_HOST=10.1.1.1", "FIELDGATE_SERVICE_PORT_HTTP=80", "FIELDGATE_PORT_80_TCP_ADDR=10.1.1.1", "FIELDGATE_DB_PORT=tcp://10.1.1.2:5432", // from Kubernetes
}

var needs = []string{"DATABASE_URL", "FIELDGATE_BASE_URL", "FIELDGATE_SECRET_KEY", "FIELDGATE_SMTP_URL", "FIELDGATE_MAIL_FROM", "FIELDGATE_STORAGE"}

func TestComplete(t *testing.T) {
	t.Parallel()
	c, err := config.Read(complete, nil, needs...)
	if err != nil {
		t.Fatal(err)
	}
	if c.BaseURL != "https://portal.example.com" || !c.Secure() || len(c.Proxies) != 2 || !c.Migrate {
		t.Errorf("%+v", c)
	}
}

// What is wrong with the provider of staff is said all at once, without its secret.
func TestProviderOfStaff(t *testing.T) {
	t.Parallel()
	good := []string{"FIELDGATE_OIDC_ISSUER=https://id.example.com", "FIELDGATE_OIDC_CLIENT_ID=x", "FIELDGATE_OIDC_CLIENT_SECRET=hunter2", "FIELDGATE_OIDC_DOMAIN=Example.com, münchen.example"}
	c, err := config.Read(append(slices.Clone(complete), good...), nil, needs...)
	if err != nil || !c.OIDC.Takes("ada@EXAMPLE.com") || !c.OIDC.Takes("ada@münchen.example") || c.OIDC.Takes("ada@sub.example.com") || c.OIDC.Label() == "" {
		t.Fatalf("%v, %v", c.OIDC.Domains, err)
	}
	for _, wrong := range []string{
		"FIELDGATE_OIDC_ISSUER=http://id.example.com", "FIELDGATE_OIDC_ISSUER=https://login.microsoftonline.com/common/v2.0", "FIELDGATE_OIDC_DOMAIN=", "FIELDGATE_OIDC_DOMAIN=nonsense", "FIELDGATE_OIDC_CLIENT_SECRET=",
		"FIELDGATE_OIDC_CREATES=field", "FIELDGATE_OIDC_SECOND_FACTOR=yes", "FIELDGATE_OIDC_INSIDE=perhaps", "FIELDGATE_OIDC_ISSUER=",
	} {
		name, _, _ := strings.Cut(wrong, "=")
		if _, err := config.Read(append(append(slices.Clone(complete), good...), wrong), nil, needs...); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

// Keys used before still open what they have sealed; the present one seals.
func TestEarlierKeys(t *testing.T) {
	t.Parallel()
	const old, older = "the key that was used before this one", "fedcba9876543210fedcba9876543210"
	before, err := secret.NewBox(older)
	if err != nil {
		t.Fatal(err)
	}
	sealed := before.Seal([]byte("word"), "x")
	c, err := config.Read(append(slices.Clone(complete), "FIELDGATE_SECRET_KEY_OLD="+old+", "+older), nil, needs...)
	if err != nil || len(c.EarlierKeys) != 2 {
		t.Fatalf("%q, %v", c.EarlierKeys, err)
	}
	box, err := c.Box()
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := box.Open(sealed, "x"); err != nil || string(plain) != "word" {
		t.Errorf("opened %q, %v", plain, err)
	}
	if _, err := before.Open(box.Seal([]byte("word"), "x"), "x"); err == nil {
		t.Error("an earlier key seals")
	}
	if _, err := config.Read(append(slices.Clone(complete), "FIELDGATE_SECRET_KEY_OLD="+old+",hunter2"), nil, needs...); err == nil || !strings.Contains(err.Error(), "FIELDGATE_SECRET_KEY_OLD") || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("a short one: %v", err)
	}
}

// Of several servers the program writes to the primary, and reads elsewhere from
// a standby, unless the operator says otherwise.
func TestSeveralServers(t *testing.T) {
	t.Parallel()
	c, err := config.Read([]string{"DATABASE_URL=postgres://app@db1:5433,db2:5433/x", "FIELDGATE_MIGRATE_URL=postgres://app@/x?host=db1,db2", "FIELDGATE_DATABASE_READ_URL=postgres://app@db2,db1/x?sslmode=require"}, nil)
	if err != nil || c.DatabaseURL != "postgres://app@db1:5433,db2:5433/x?target_session_attrs=read-write" || c.MigrateURL != "postgres://app@/x?host=db1,db2&target_session_attrs=read-write" ||
		c.ReadURL != "postgres://app@db2,db1/x?sslmode=require&target_session_attrs=prefer-standby" {
		t.Errorf("%q, %q, %q, %v", c.DatabaseURL, c.MigrateURL, c.ReadURL, err)
	}
	const own = "postgres://app@db1,db2/x?target_session_attrs=primary"
	if c, err := config.Read([]string{"DATABASE_URL=" + own, "FIELDGATE_MIGRATE_URL=postgres://app@db1/x"}, nil); err != nil || c.DatabaseURL != own || c.MigrateURL != "postgres://app@db1/x" {
		t.Errorf("%q, %q, %v", c.DatabaseURL, c.MigrateURL, err)
	}
}

// TestEverythingWrongAtOnce: an operator puts all of it right in one go, and no
// password is shown while doing so.
func TestEverythingWrongAtOnce(t *testing.T) {
	t.Parallel()
	_, err := config.Read([]string{
		"DATABASE_URL=mysql://root:hunter2@db", "FIELDGATE_BASE_URL=portal.example.com", "FIELDGATE_SECRET_KEY=hunter2", "FIELDGATE_SMTP_URL=smtp://:hunter2@x",
		"FIELDGATE_MAIL_FROM=nobody", "FIELDGATE_STORAGE=/var/lib", "FIELDGATE_BACKUP=/var/backups", "FIELDGATE_DROP=incoming:hunter2", "FIELDGATE_LISTEN=8080", "FIELDGATE_TRUSTED_PROXIES=everybody", "FIELDGATE_LOG=loud", "FIELDGATE_LOG_FORMAT=xml", "OTEL_EXPORTER_OTLP_ENDPOINT=http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "FIELDGATE_MIGRATE=perhaps", "FIELDGATE_MIGRATE_URL=mysql://root:hunter2@db",
		"FIELDGATE_DATABASE_READ_URL=db2", "FIELDGATE_HSTS_SUBDOMAINS=perhaps", "FIELDGATE_DB_CONNECTIONS=few", "FIELDGATE_COLOUR=blue", "FIELDGATE_DATABASE_DIRECT_URL=mysql://root:hunter2@db", "FIELDGATE_DRAIN=-1s",
	}, nil, needs...)
	problems, ok := errors.AsType[config.Problems](err)
	if !ok {
		t.Fatalf("got %v", err)
	}
	for _, name := range []string{
		"DATABASE_URL", "FIELDGATE_BASE_URL", "FIELDGATE_SECRET_KEY", "FIELDGATE_SMTP_URL", "FIELDGATE_MAIL_FROM", "FIELDGATE_STORAGE",
		"FIELDGATE_LISTEN", "FIELDGATE_TRUSTED_PROXIES", "FIELDGATE_LOG:", "FIELDGATE_LOG_FORMAT:", "OTEL_EXPORTER_OTLP_PROTOCOL:", "FIELDGATE_MIGRATE", "FIELDGATE_MIGRATE_URL:", "FIELDGATE_DATABASE_READ_URL:", "FIELDGATE_BACKUP:", "FIELDGATE_DROP:", "FIELDGATE_COLOUR", "FIELDGATE_HSTS_SUBDOMAINS", "FIELDGATE_DB_CONNECTIONS", "FIELDGATE_DATABASE_DIRECT_URL", "FIELDGATE_DRAIN",
	} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("nothing is said about %s:\n%v", name, err)
		}
	}
	if len(problems) != 21 || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("%d problems:\n%v", len(problems), err)
	}
}

func TestMailByToken(t *testing.T) {
	t.Parallel()
	const server, at, id, key = "FIELDGATE_SMTP_URL=smtp://portal@example.com@smtp.office365.com:587?auth=xoauth2", "FIELDGATE_SMTP_OAUTH_TOKEN_URL=https://login.microsoftonline.com/tenant/oauth2/v2.0/token", "FIELDGATE_SMTP_OAUTH_CLIENT_ID=app", "FIELDGATE_SMTP_OAUTH_CLIENT_SECRET=hunter2"
	c, err := config.Read([]string{server, at, id, key, "FIELDGATE_MAIL_FROM=portal@example.com"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := c.Mail(); err != nil || !s.Token || s.User != "portal@example.com" || s.OAuth.ClientSecret != "hunter2" || s.From.Address != "portal@example.com" {
		t.Errorf("%+v, %v", s, err)
	}
	for _, tt := range []struct {
		environ []string
		names   string
	}{
		{[]string{server}, "TOKEN_URL CLIENT_ID CLIENT_SECRET"},
		{[]string{server, at, id}, "CLIENT_SECRET"},
		{[]string{server, id, key, "FIELDGATE_SMTP_OAUTH_TOKEN_URL=http://login.example.com/hunter2"}, "TOKEN_URL"},
		{[]string{server, at, id, "FIELDGATE_SMTP_OAUTH_REFRESH_TOKEN=hunter2"}, ""},
		{[]string{"FIELDGATE_SMTP_URL=smtp://u:hunter2@h", at, id, key}, "…"},
	} {
		_, err := config.Read(tt.environ, nil)
		problems, _ := errors.AsType[config.Problems](err)
		if names := strings.Fields(tt.names); len(problems) != len(names) || (err != nil && strings.Contains(err.Error(), "hunter2")) {
			t.Errorf("%q: %v", tt.environ[1:], err)
		}
		for _, name := range strings.Fields(tt.names) {
			if !strings.Contains(err.Error(), "FIELDGATE_SMTP_OAUTH_"+name) {
				t.Errorf("%q: %v", tt.environ[1:], err)
			}
		}
	}
}

func TestFewConnections(t *testing.T) {
	t.Parallel()
	if _, err := config.Read([]string{"FIELDGATE_DB_CONNECTIONS=7"}, nil); err == nil || !strings.Contains(err.Error(), "at least 8") {
		t.Errorf("got %v", err)
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	_, err := config.Read(nil, nil, needs...)
	for _, name := range needs {
		if err == nil || !strings.Contains(err.Error(), name+" is missing") {
			t.Errorf("nothing is said about %s: %v", name, err)
		}
	}
}

func TestFromFiles(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte("from a file, at least 32 characters long\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Read([]string{"FIELDGATE_SECRET_KEY_FILE=" + file}, nil, "FIELDGATE_SECRET_KEY")
	if err != nil || c.SecretKey != "from a file, at least 32 characters long" {
		t.Errorf("%q, %v", c.SecretKey, err)
	}
	for name, environ := range map[string][]string{
		"both":    {"FIELDGATE_SECRET_KEY=0123456789abcdef0123456789abcdef", "FIELDGATE_SECRET_KEY_FILE=" + file},
		"no file": {"FIELDGATE_SECRET_KEY_FILE=" + file + ".gone"},
	} {
		if _, err := config.Read(environ, nil); err == nil {
			t.Errorf("%s: no problem found", name)
		}
	}
}
