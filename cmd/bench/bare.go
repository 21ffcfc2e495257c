package main

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// The bare handler does the least that a page for a signed-in customer can do:
// one query for the session, one for 25 rows by an index, a template of the
// standard library, about 22 KB. It is the unit of what pages cost.

const bareConnections = 4

type bareJob struct {
	Number, Name, Status, Description string
	Created                           time.Time
}

type barePage struct {
	Person, Customer string
	Jobs             []bareJob
	Sections         []string
}

var bareTemplate = template.Must(template.New("bare").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Jobs</title><link rel="stylesheet" href="/style.css"></head>
<body><header><a href="/">{{.Customer}}</a> <span>{{.Person}}</span></header>
<nav>{{range .Sections}}<a class="nav__link" href="/{{.}}"><span class="nav__word">{{.}}</span></a>{{end}}</nav>
<main><h1>Jobs</h1><table class="table"><thead><tr><th>Number</th><th>Name</th><th>Status</th><th>Asked for</th></tr></thead><tbody>
{{range .Jobs}}<tr class="table__row">
<td class="table__cell table__cell--number"><a class="link" href="/jobs/{{.Number}}">{{.Number}}</a></td>
<td class="table__cell"><a class="link link--strong" href="/jobs/{{.Number}}">{{.Name}}</a><p class="table__note">{{.Description}}</p></td>
<td class="table__cell"><span class="pill pill--{{.Status}}"><span class="pill__dot" aria-hidden="true"></span>{{.Status}}</span></td>
<td class="table__cell"><time datetime="{{.Created.Format "2006-01-02T15:04:05Z07:00"}}">{{.Created.Format "2 January 2006"}}</time></td>
<td class="table__cell table__cell--actions"><a class="button button--secondary button--small" href="/jobs/{{.Number}}#messages">Messages</a> <a class="button button--secondary button--small" href="/jobs/{{.Number}}#files">Photos and documents</a> <a class="button button--secondary button--small" href="/jobs/{{.Number}}/calendar.ics">Add to calendar</a></td>
</tr>
{{end}}</tbody></table></main></body></html>
`))

func bareHandler(pool *pgxpool.Pool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, err := readBare(r, pool)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		var b strings.Builder
		if err := bareTemplate.Execute(&b, page); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = io.WriteString(w, b.String())
	})
}

func readBare(r *http.Request, pool *pgxpool.Pool) (p barePage, err error) {
	cookie, err := r.Cookie(portalCookie)
	if err != nil {
		return p, err
	}
	var customer int64
	err = pool.QueryRow(r.Context(), `
		select p.email, c.id, c.name
		from sessions s join persons p on p.id = s.person_id join contacts k on k.id = s.contact_id join customers c on c.id = k.customer_id
		where s.token_hash = $1 and s.expires_at > now()`, tokenHash(cookie.Value)).Scan(&p.Person, &customer, &p.Customer)
	if err != nil {
		return p, err
	}
	rows, err := pool.Query(r.Context(), `select number, name, status, left(description, 200), created_at from jobs where customer_id = $1 order by created_at desc, id desc limit 25`, customer)
	if err != nil {
		return p, err
	}
	p.Jobs, err = pgx.CollectRows(rows, pgx.RowToStructByPos[bareJob])
	p.Sections = []string{"jobs", "quotes", "equipment", "documents", "messages", "details"}
	return p, err
}

// serveBare serves the bare handler as a process of its own, and prints where.
func serveBare(ctx context.Context, database string, out io.Writer) error {
	cfg, err := pgxpool.ParseConfig(database)
	if err != nil {
		return fmt.Errorf("DATABASE_URL: %w", err)
	}
	cfg.MaxConns = bareConnections
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer pool.Close()
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: bareHandler(pool), ReadHeaderTimeout: time.Minute}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
