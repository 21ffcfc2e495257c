// Command fieldgate-connect-servicem8 keeps ServiceM8 and a Fieldgate portal in
// step, through nothing but their public APIs: clients, contacts, jobs, quotes
// and attachments come into the portal, and what customers do there goes to
// ServiceM8. docs/connectors/servicem8.md says how it is set up.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stderr); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

// run keeps both sides in step until ctx ends, or once.
func run(ctx context.Context, args []string, getenv func(string) string, log io.Writer) error {
	flags := flag.NewFlagSet("fieldgate-connect-servicem8", flag.ContinueOnError)
	flags.SetOutput(log)
	once := flags.Bool("once", false, "look once, and end")
	every := flags.Duration("every", time.Minute, "how often to look")
	state := flags.String("state", "servicem8.json", "the file that remembers how far this has come")
	if err := flags.Parse(args); err != nil {
		return err //nolint:wrapcheck // says what is wrong
	}
	for _, name := range []string{"PORTAL_URL", "PORTAL_TOKEN", "SERVICEM8_API_KEY"} {
		if getenv(name) == "" {
			return fmt.Errorf("set %s", name)
		}
	}
	theirs := getenv("SERVICEM8_URL")
	if theirs == "" {
		theirs = "https://api.servicem8.com"
	}
	s := sync{
		portal: portal{client{base: getenv("PORTAL_URL") + "/api/v1", header: http.Header{"Authorization": {"Bearer " + getenv("PORTAL_TOKEN")}}, pause: wait}},
		m8:     serviceM8{client{base: theirs + "/api_1.0", header: http.Header{"X-Api-Key": {getenv("SERVICEM8_API_KEY")}}, pause: wait}},
		path:   *state, log: slog.New(slog.NewTextHandler(log, nil)), tax: tax{getenv("TAX_NAME"), getenv("TAX_PERCENT")},
	}
	for {
		err := s.round(ctx)
		switch {
		case *once:
			return err
		case err != nil && ctx.Err() == nil:
			s.log.ErrorContext(ctx, "not in step yet; what is missing is done next time", "error", err)
		}
		if err := wait(ctx, *every); err != nil {
			return err
		}
	}
}

// wait waits, or until ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err() //nolint:wrapcheck // whoever ends it knows
	case <-timer.C:
		return nil
	}
}
