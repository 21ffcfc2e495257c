// Package config reads the program's settings from the environment, all at
// once, and says everything that is wrong with them in one go.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"

	"fieldgate/internal/mail"
	"fieldgate/internal/openid"
	"fieldgate/internal/secret"
	"fieldgate/internal/tracing"
)

// Config is how an installation runs. Secret values are never logged: print
// nothing but Summary.
type Config struct {
	DatabaseURL    string     `env:"DATABASE_URL"`
	DirectURL      string     `env:"FIELDGATE_DATABASE_DIRECT_URL"`
	MigrateURL     string     `env:"FIELDGATE_MIGRATE_URL"`
	ReadURL        string     `env:"FIELDGATE_DATABASE_READ_URL"`
	Listen         string     `env:"FIELDGATE_LISTEN"`
	BaseURL        string     `env:"FIELDGATE_BASE_URL"`
	SecretKey      string     `env:"FIELDGATE_SECRET_KEY"`
	EarlierKeys    []string   `env:"FIELDGATE_SECRET_KEY_OLD" envSeparator:","`
	SMTPURL        string     `env:"FIELDGATE_SMTP_URL"`
	MailFrom       string     `env:"FIELDGATE_MAIL_FROM"`
	OAuth          mail.OAuth `envPrefix:"FIELDGATE_SMTP_OAUTH_"`
	ReplyAddress   string     `env:"FIELDGATE_REPLY_ADDRESS"`
	IMAPURL        string     `env:"FIELDGATE_IMAP_URL"`
	InboundSecret  string     `env:"FIELDGATE_INBOUND_SECRET"`
	LMTPListen     string     `env:"FIELDGATE_LMTP_LISTEN"`
	MailTrusted    []string   `env:"FIELDGATE_MAIL_TRUSTED" envSeparator:","`
	WebhookAllow   []string   `env:"FIELDGATE_WEBHOOK_ALLOW" envSeparator:","`
	Storage        string     `env:"FIELDGATE_STORAGE"`
	Backup         string     `env:"FIELDGATE_BACKUP"`
	Drop           string     `env:"FIELDGATE_DROP"`
	Fonts          string     `env:"FIELDGATE_FONTS"`
	TrustedProxies []string   `env:"FIELDGATE_TRUSTED_PROXIES" envSeparator:","`
	MetricsListen  string     `env:"FIELDGATE_METRICS_LISTEN"`
	Log            string     `env:"FIELDGATE_LOG" envDefault:"info"`
	LogFormat      string     `env:"FIELDGATE_LOG_FORMAT" envDefault:"text"`
	Migrate        bool       `env:"FIELDGATE_MIGRATE" envDefault:"true"`
	Connections    int32      `env:"FIELDGATE_DB_CONNECTIONS"`
	HSTSSubdomains bool       `env:"FIELDGATE_HSTS_SUBDOMAINS"`
	ImportFilesGB  int        `env:"FIELDGATE_IMPORT_FILES_GB" envDefault:"4"`

	// Drain is how long, once it was told to end, the program goes on serving
	// while it says that it is not ready.
	Drain time.Duration `env:"FIELDGATE_DRAIN"`

	// OIDC is the provider by which staff sign in; none when nothing is set.
	OIDC openid.Staff `envPrefix:"FIELDGATE_OIDC_"`

	// Tracing says where traces go; nowhere when nothing is set.
	Tracing tracing.Settings `envPrefix:"OTEL_"`

	// Proxies are the networks whose X-Forwarded-For is believed.
	Proxies []netip.Prefix `env:"-"`
	// Webhooks are the private networks that webhooks may lead to.
	Webhooks []netip.Prefix `env:"-"`
	// Level is what Log says.
	Level slog.Level `env:"-"`
}

// names are the variables; each may also be given as NAME_FILE, the path of a
// file that holds the value.
var names = append([]string{
	"DATABASE_URL", "FIELDGATE_LISTEN", "FIELDGATE_BASE_URL", "FIELDGATE_SECRET_KEY", "FIELDGATE_SECRET_KEY_OLD", "FIELDGATE_SMTP_URL", "FIELDGATE_MAIL_FROM",
	"FIELDGATE_REPLY_ADDRESS", "FIELDGATE_IMAP_URL", "FIELDGATE_INBOUND_SECRET", "FIELDGATE_LMTP_LISTEN", "FIELDGATE_MAIL_TRUSTED", "FIELDGATE_WEBHOOK_ALLOW",
	"FIELDGATE_STORAGE", "FIELDGATE_BACKUP", "FIELDGATE_DROP", "FIELDGATE_FONTS", "FIELDGATE_TRUSTED_PROXIES", "FIELDGATE_METRICS_LISTEN", "FIELDGATE_LOG", "FIELDGATE_LOG_FORMAT", "FIELDGATE_MIGRATE", "FIELDGATE_MIGRATE_URL",
	"FIELDGATE_DB_CONNECTIONS", "FIELDGATE_DATABASE_DIRECT_URL", "FIELDGATE_DATABASE_READ_URL", "FIELDGATE_DRAIN", "FIELDGATE_HSTS_SUBDOMAINS", "FIELDGATE_IMPORT_FILES_GB",
	"FIELDGATE_SMTP_OAUTH_TOKEN_URL", "FIELDGATE_SMTP_OAUTH_CLIENT_ID", "FIELDGATE_SMTP_OAUTH_CLIENT_SECRET", "FIELDGATE_SMTP_OAUTH_REFRESH_TOKEN", "FIELDGATE_SMTP_OAUTH_SCOPE",
	"FIELDGATE_OIDC_ISSUER", "FIELDGATE_OIDC_CLIENT_ID", "FIELDGATE_OIDC_CLIENT_SECRET", "FIELDGATE_OIDC_DOMAIN", "FIELDGATE_OIDC_CREATES", "FIELDGATE_OIDC_NAME",
	"FIELDGATE_OIDC_SECOND_FACTOR", "FIELDGATE_OIDC_INSIDE",
}, tracing.Names()...)

// foreign are variables that begin like ours and are no mistakes: those of the
// tests, and those by which Kubernetes tells of a service that bears our name.
// See https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
var foreign = regexp.MustCompile(`^FIELDGATE_(TEST_|SKIP_BROWSER$|(\w+_)?(SERVICE_HOST$|SERVICE_PORT|PORT$|PORT_\d))`)

// maxDrain is the longest FIELDGATE_DRAIN.
const maxDrain = 5 * time.Minute

// MinConnections is how few connections to the database a program can do with.
const MinConnections = 8

// Problems lists everything wrong with the settings, a line each, without any secret.
type Problems []string

// Error is the list.
func (p Problems) Error() string {
	return "the configuration is not complete:\n  - " + strings.Join(p, "\n  - ")
}

// Read reads the environment (os.Environ in the program) over the defaults of
// a command and checks what the command needs.
func Read(environ []string, defaults map[string]string, needs ...string) (Config, error) {
	values, problems := gather(environ, defaults)
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		if all, ok := errors.AsType[env.AggregateError](err); ok {
			for _, one := range all.Errors {
				if parse, ok := errors.AsType[env.ParseError](one); ok {
					problems = append(problems, notText[parse.Name])
				}
			}
		}
	}
	return c, c.check(problems, values, needs)
}

func gather(environ []string, defaults map[string]string) (map[string]string, Problems) {
	var problems Problems
	given := env.ToMap(environ)
	values := map[string]string{}
	for _, name := range names {
		value, direct := given[name]
		file, byFile := given[name+"_FILE"]
		switch {
		case direct && value != "" && byFile && file != "":
			problems = append(problems, name+" and "+name+"_FILE are both set; keep one")
		case byFile && file != "":
			b, err := os.ReadFile(file)
			if err != nil {
				problems = append(problems, fmt.Sprintf("%s_FILE: %v", name, err))
				continue
			}
			value = strings.TrimSpace(string(b))
		}
		if value == "" {
			value = defaults[name]
		}
		if value != "" {
			values[name] = value
		}
	}
	for name := range given {
		base := strings.TrimSuffix(name, "_FILE")
		if strings.HasPrefix(name, "FIELDGATE_") && !slices.Contains(names, base) && !foreign.MatchString(name) {
			problems = append(problems, name+" is not a setting of this program")
		}
	}
	slices.Sort(problems)
	return values, problems
}

func (c *Config) check(problems Problems, values map[string]string, needs []string) error {
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	for _, name := range needs {
		if values[name] == "" {
			say("%s is missing%s", name, hints[name])
		}
	}
	for name, v := range map[string]*string{"DATABASE_URL": &c.DatabaseURL, "FIELDGATE_DATABASE_DIRECT_URL": &c.DirectURL, "FIELDGATE_MIGRATE_URL": &c.MigrateURL, "FIELDGATE_DATABASE_READ_URL": &c.ReadURL} {
		u, err := url.Parse(*v)
		switch {
		case *v == "":
		case err != nil || (u.Scheme != "postgres" && u.Scheme != "postgresql"):
			say("%s: write postgres://user:password@host:5432/database", name)
		case name == "FIELDGATE_DATABASE_READ_URL":
			*v = preferring("prefer-standby", *v, u)
		default:
			*v = preferring("read-write", *v, u)
		}
	}
	for name, v := range map[string]string{"FIELDGATE_LISTEN": c.Listen, "FIELDGATE_METRICS_LISTEN": c.MetricsListen, "FIELDGATE_LMTP_LISTEN": c.LMTPListen} {
		if v != "" {
			if _, _, err := net.SplitHostPort(v); err != nil {
				say("%s: write address:port, such as 127.0.0.1:8080 or :8080", name)
			}
		}
	}
	if c.BaseURL != "" {
		u, err := url.Parse(c.BaseURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
			say("FIELDGATE_BASE_URL: write the address customers open, such as https://portal.example.com, without a path")
		}
		c.BaseURL = strings.TrimRight(c.BaseURL, "/")
	}
	if c.SecretKey != "" {
		if _, err := secret.NewBox(c.SecretKey); err != nil {
			say("FIELDGATE_SECRET_KEY: at least 32 characters are needed; openssl rand -base64 32 makes one")
		}
	}
	for _, key := range c.EarlierKeys {
		if _, err := secret.NewBox(key); err != nil {
			say("FIELDGATE_SECRET_KEY_OLD: write the keys used before FIELDGATE_SECRET_KEY, separated by commas")
			break
		}
	}
	c.checkMail(say)
	if c.MailFrom != "" {
		if _, err := mail.ParseAddress(c.MailFrom); err != nil {
			say("FIELDGATE_MAIL_FROM: %v", err)
		}
	}
	for name, v := range map[string]string{"FIELDGATE_STORAGE": c.Storage, "FIELDGATE_BACKUP": c.Backup} {
		if v != "" && !strings.HasPrefix(v, "file:///") && !strings.HasPrefix(v, "s3://") {
			say("%s: write file:///folder or s3://key:secret@host/bucket", name)
		}
	}
	if c.Drop != "" && !filepath.IsAbs(c.Drop) && !strings.HasPrefix(c.Drop, "s3://") {
		say("FIELDGATE_DROP: write the full path of a folder, or s3://key:secret@host/bucket/folder")
	}
	for _, p := range c.TrustedProxies {
		prefix, err := network(strings.TrimSpace(p))
		if err != nil {
			say("FIELDGATE_TRUSTED_PROXIES: %q is neither an address nor a network such as 10.0.0.0/8", p)
			continue
		}
		c.Proxies = append(c.Proxies, prefix)
	}
	for _, n := range c.WebhookAllow {
		prefix, err := network(strings.TrimSpace(n))
		if err != nil {
			say("FIELDGATE_WEBHOOK_ALLOW: %q is neither an address nor a network such as 10.0.0.0/8", n)
			continue
		}
		c.Webhooks = append(c.Webhooks, prefix)
	}
	if err := c.Level.UnmarshalText([]byte(c.Log)); err != nil {
		say("FIELDGATE_LOG: write debug, info, warn or error")
	}
	if c.LogFormat != "text" && c.LogFormat != "json" {
		say("FIELDGATE_LOG_FORMAT: write text or json")
	}
	c.checkImport(say)
	c.OIDC.Check(say)
	problems = append(problems, c.Tracing.Check()...)
	if c.Fonts == "" {
		c.Fonts = besideProgram("fonts")
	}
	if c.Drain < 0 || c.Drain > maxDrain {
		say("FIELDGATE_DRAIN: write how long, such as 10s, up to %s", maxDrain)
	}
	if c.Connections != 0 && c.Connections < MinConnections {
		say("FIELDGATE_DB_CONNECTIONS: at least %d are needed", MinConnections)
	}
	if len(problems) > 0 {
		slices.Sort(problems)
		return problems
	}
	return nil
}

// preferring says in an address of several servers which of them is meant, for
// the programs of PostgreSQL too, which take the first that answers otherwise.
func preferring(role, address string, u *url.URL) string {
	q := u.Query()
	if !strings.Contains(u.Host+q.Get("host"), ",") || q.Has("target_session_attrs") {
		return address
	}
	u.RawQuery = strings.TrimPrefix(u.RawQuery+"&target_session_attrs="+role, "&")
	return u.String()
}

// checkMail looks at the ways out and in.
func (c *Config) checkMail(say func(string, ...any)) {
	var byToken, unknown bool
	if c.SMTPURL != "" {
		server, err := mail.ParseServer(c.SMTPURL)
		if err != nil {
			say("FIELDGATE_SMTP_URL: %v", err)
		}
		byToken, unknown = server.Token, err != nil
	}
	if c.IMAPURL != "" {
		mailbox, err := mail.ParseMailbox(c.IMAPURL)
		if err != nil {
			say("FIELDGATE_IMAP_URL: %v", err)
		}
		byToken, unknown = byToken || mailbox.Token, unknown || err != nil
	}
	if c.SMTPURL != "" && !unknown {
		c.checkOAuth(byToken, say)
	}
	if c.InboundSecret != "" && len(c.InboundSecret) < minInboundSecret {
		say("FIELDGATE_INBOUND_SECRET: at least %d characters are needed; openssl rand -hex 24 makes one", minInboundSecret)
	}
	if c.ReplyAddress != "" {
		if _, err := mail.ParseReplyAddress(c.ReplyAddress, nil); err != nil {
			say("FIELDGATE_REPLY_ADDRESS: %v", err)
		}
		if c.IMAPURL == "" && c.InboundSecret == "" && c.LMTPListen == "" {
			say("FIELDGATE_REPLY_ADDRESS: say how the answers come here, too: FIELDGATE_IMAP_URL, FIELDGATE_INBOUND_SECRET or FIELDGATE_LMTP_LISTEN")
		}
	}
}

// minInboundSecret is how long the secret of those who hand mail over has to be.
const minInboundSecret = 24

// Replies is where answers to emails go; the zero value when answers are not taken.
func (c Config) Replies(box *secret.Box) (mail.ReplyAddress, error) {
	if c.ReplyAddress == "" {
		return mail.ReplyAddress{}, nil
	}
	a, err := mail.ParseReplyAddress(c.ReplyAddress, box)
	if err != nil {
		return a, fmt.Errorf("FIELDGATE_REPLY_ADDRESS: %w", err)
	}
	return a, nil
}

// Mailbox is where answers are read from; ok is false when none is named.
func (c Config) Mailbox() (m mail.Mailbox, ok bool, err error) {
	if c.IMAPURL == "" {
		return m, false, nil
	}
	if m, err = mail.ParseMailbox(c.IMAPURL); err != nil {
		return m, false, fmt.Errorf("FIELDGATE_IMAP_URL: %w", err)
	}
	m.OAuth = c.OAuth
	return m, true, nil
}

// checkOAuth asks for what tokens need, and for nothing where a password serves.
func (c *Config) checkOAuth(wanted bool, say func(string, ...any)) {
	o := c.OAuth
	if !wanted {
		if o != (mail.OAuth{}) {
			say("FIELDGATE_SMTP_OAUTH_… is set, but neither FIELDGATE_SMTP_URL nor FIELDGATE_IMAP_URL ends with ?auth=xoauth2")
		}
		return
	}
	if err := mail.CheckTokenURL(o.TokenURL); err != nil {
		say("FIELDGATE_SMTP_OAUTH_TOKEN_URL: %v", err)
	}
	if o.ClientID == "" {
		say("FIELDGATE_SMTP_OAUTH_CLIENT_ID is missing")
	}
	if o.ClientSecret == "" && o.RefreshToken == "" {
		say("FIELDGATE_SMTP_OAUTH_CLIENT_SECRET is missing")
	}
}

// Mail is the server that takes our mail, and whom it comes from.
func (c Config) Mail() (mail.Settings, error) {
	s, err := mail.Parse(c.SMTPURL, c.MailFrom)
	s.OAuth = c.OAuth
	return s, err
}

// notText says what belongs where not any text will do, by field of Config.
var notText = map[string]string{
	"Migrate":        "FIELDGATE_MIGRATE: write true or false",
	"HSTSSubdomains": "FIELDGATE_HSTS_SUBDOMAINS: write true or false",
	"Connections":    "FIELDGATE_DB_CONNECTIONS: write how many, such as 24",
	"Drain":          "FIELDGATE_DRAIN: write how long, such as 10s",
	"Inside":         "FIELDGATE_OIDC_INSIDE: write true or false",
}

var hints = map[string]string{
	"DATABASE_URL":         ": postgres://user:password@host:5432/database",
	"FIELDGATE_BASE_URL":   ": the address customers open, such as https://portal.example.com",
	"FIELDGATE_SECRET_KEY": ": openssl rand -base64 32 makes one",
	"FIELDGATE_SMTP_URL":   ": smtp://user:password@host:587",
	"FIELDGATE_MAIL_FROM":  ": the address mails come from",
	"FIELDGATE_BACKUP":     ": where backups go, file:///folder or s3://key:secret@host/bucket",
	"FIELDGATE_STORAGE":    ": file:///folder or s3://key:secret@host/bucket",
}

func network(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	if err != nil {
		return netip.Prefix{}, fmt.Errorf("read network: %w", err)
	}
	return p.Masked(), nil
}

// Box seals with the secret key, and opens what earlier keys have sealed too.
func (c Config) Box() (*secret.Box, error) {
	box, err := secret.NewBox(c.SecretKey, c.EarlierKeys...)
	if err != nil {
		return nil, fmt.Errorf("FIELDGATE_SECRET_KEY: %w", err)
	}
	return box, nil
}

// Direct is the address of the database itself, for what a pooler in
// transaction mode cannot do: the queue, locks, backups.
func (c Config) Direct() string { return cmp.Or(c.DirectURL, c.DatabaseURL) }

// OwnerURL is the address of the database for the user that owns the schema.
func (c Config) OwnerURL() string { return cmp.Or(c.MigrateURL, c.Direct()) }

// Secure reports whether customers reach the portal by HTTPS.
func (c Config) Secure() bool { return strings.HasPrefix(c.BaseURL, "https://") }

// besideProgram is the folder of that name beside the program's file, wherever
// that is linked from.
func besideProgram(folder string) string {
	program, err := os.Executable()
	if err != nil {
		return ""
	}
	beside := filepath.Join(filepath.Dir(program), folder)
	if real, err := filepath.EvalSymlinks(program); err == nil {
		if _, err := os.Stat(beside); err != nil {
			return filepath.Join(filepath.Dir(real), folder)
		}
	}
	return beside
}
