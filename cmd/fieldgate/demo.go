//go:build !nodemo

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fieldgate/demo"
	"fieldgate/internal/config"
	"fieldgate/internal/mail/catcher"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/web"
	"fieldgate/web/dev"
)

// demonstration is a command that a release has not: nobody should come upon it
// there, and its photos are a twentieth of the program.
func demonstration() []command {
	return []command{{name: "demo", about: "serve the demo business Northwind Air, with a mailbox that catches every mail", run: runDemo}}
}

// The demo's files lie beside its private database, see the Makefile.
const demoFiles = ".dev/run/files"

func runDemo(ctx context.Context, _ []string) error {
	// As strict as many servers are: what arrives here arrives there.
	mailbox, err := catcher.StartWith("127.0.0.1:0", catcher.Options{ASCII: true})
	if err != nil {
		return err
	}
	defer func() { _ = mailbox.Close() }()
	files, err := filepath.Abs(demoFiles)
	if err != nil {
		return fmt.Errorf("find the demo's folder: %w", err)
	}
	cfg, err := config.Read(os.Environ(), map[string]string{
		"FIELDGATE_LISTEN":     "127.0.0.1:8080",
		"FIELDGATE_SECRET_KEY": "everybody knows the secret key of the demo",
		"FIELDGATE_SMTP_URL":   mailbox.URL(),
		"FIELDGATE_MAIL_FROM":  "portal@demo.test",
		"FIELDGATE_STORAGE":    "file://" + files,
		"FIELDGATE_LOG":        "warn",
	}, "DATABASE_URL")
	if err != nil {
		return err
	}
	if cfg.BaseURL == "" {
		cfg.BaseURL = "http://" + localName(cfg.Listen)
	}
	log := logger(cfg)
	if err := twoRoles(ctx, &cfg); err != nil {
		return err
	}
	pools, err := openPools(ctx, cfg)
	if err != nil {
		return err
	}
	defer pools.Close()
	if dir, ok := strings.CutPrefix(cfg.Storage, "file://"); ok {
		if err := os.MkdirAll(dir, 0o750); err != nil {
			return fmt.Errorf("make the demo's folder: %w", err)
		}
	}
	store, err := openStorage(cfg, pools.work)
	if err != nil {
		return err
	}
	// Filling takes seconds: whoever waits is told, whatever the log's level is.
	steps := slog.New(slog.NewTextHandler(os.Stderr, nil))
	return answer(ctx, site{
		config: cfg, pools: pools, store: store, log: log, dev: dev.Handler(mailbox), personas: personas(),
		begin: func(ctx context.Context) error {
			if err := prepare(ctx, cfg, pools, log); err != nil {
				return err
			}
			return demo.Fill(ctx, pools.work, store, password.NewHasher(), time.Now(), steps)
		},
		open: func() { welcome(cfg.BaseURL) },
	})
}

// twoRoles lets the demo serve as an installation should, with a user that
// does not own the schema, where the given one may make it.
func twoRoles(ctx context.Context, cfg *config.Config) error {
	if cfg.MigrateURL != "" {
		return nil
	}
	owner, err := postgres.Open(ctx, cfg.DatabaseURL, 1)
	if err != nil {
		return err
	}
	defer owner.Close()
	if makes, err := postgres.MakesRoles(ctx, owner); err != nil || !makes {
		return err
	}
	u, err := url.Parse(cfg.DatabaseURL)
	if err != nil {
		return errors.New("DATABASE_URL is not an address")
	}
	name := postgres.RoleOfPool(owner).Name + "_demo"
	cfg.MigrateURL = cfg.DatabaseURL
	if password, set := u.User.Password(); set {
		u.User = url.UserPassword(name, password)
	} else {
		u.User = url.User(name)
	}
	cfg.DatabaseURL = u.String()
	return nil
}

// personas are those whom the sign-in pages offer.
func personas() []web.Persona {
	var all []web.Persona
	for _, p := range demo.Personas {
		all = append(all, web.Persona{Office: p.Side == demo.Office, Name: p.First(), Email: p.Email, Password: demo.Password, Who: p.Who})
	}
	return all
}

// localName is what a browser on this machine calls the address.
func localName(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return listen
	}
	if ip := net.ParseIP(host); host == "" || (ip != nil && (ip.IsUnspecified() || ip.IsLoopback())) {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func welcome(base string) {
	fmt.Printf("\nNorthwind Air is open.\n\n  Customers   %[1]s/login\n  Office      %[1]s/office/login\n  Every mail  %[1]s/dev/mail, and the samples in %[1]s/dev/mails\n  Components  %[1]s/dev/gallery\n\nEverybody's password is %[2]s:\n\n", base, demo.Password)
	for _, p := range demo.Personas {
		fmt.Printf("  %-16s %s\n", p.Email, p.Who)
	}
	fmt.Print("\nCtrl-C ends it; what you did stays.\n")
}
