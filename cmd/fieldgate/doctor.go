package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"fieldgate/internal/config"
	"fieldgate/internal/doctor"
	"fieldgate/internal/mail"
	"fieldgate/internal/postgres"
)

// asJSON is --json of doctor.
var asJSON bool

// unwell is how a look at the installation ended: the status of the command.
type unwell doctor.Level

func (u unwell) Error() string { return doctor.Level(u).String() }

func examine(ctx context.Context, _ []string) error {
	i, done := installation(ctx)
	defer done()
	report := doctor.New(i).FullCheck(ctx)
	if asJSON {
		out := json.NewEncoder(os.Stdout)
		out.SetEscapeHTML(false)
		out.SetIndent("", "  ")
		if err := out.Encode(report.Findings); err != nil {
			return fmt.Errorf("write the findings: %w", err)
		}
	} else {
		for _, f := range report.Findings {
			fmt.Println(f)
		}
	}
	if worst := report.Worst(); worst > doctor.OK {
		return unwell(worst)
	}
	return nil
}

// installation opens of the installation whatever can be opened.
func installation(ctx context.Context) (i doctor.Installation, done func()) {
	done = func() {}
	cfg, err := config.Read(os.Environ(), map[string]string{"FIELDGATE_LISTEN": defaultListen}, serveNeeds...)
	i.Config = cfg
	if problems, ok := errors.AsType[config.Problems](err); ok {
		i.Wrong = problems
	} else if err != nil {
		i.Wrong = []string{err.Error()}
	}
	if cfg.DatabaseURL != "" {
		if pool, err := postgres.OpenWithin(ctx, cfg.Direct(), postgres.Work(4)); err == nil {
			i.Pool, done = pool, pool.Close
		}
	}
	if cfg.Storage != "" {
		i.Store, i.Unopened = openStorage(cfg, i.Pool)
	}
	if server, err := cfg.Mail(); err == nil {
		i.Mailer = mail.New(server)
	}
	return i, done
}

func healthcheck(ctx context.Context, _ []string) error {
	cfg, err := config.Read(os.Environ(), map[string]string{"FIELDGATE_LISTEN": defaultListen})
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return fmt.Errorf("FIELDGATE_LISTEN: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	q, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("FIELDGATE_LISTEN: %w", err)
	}
	answer, err := (&http.Transport{}).RoundTrip(q) // no proxy of the environment in between
	if err != nil {
		return fmt.Errorf("the program does not answer: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("the program answers with status %d", answer.StatusCode)
	}
	return nil
}
