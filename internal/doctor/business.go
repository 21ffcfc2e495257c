package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/attachment"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// Business is what the database knows of how the program gets on, read in one
// round trip.
type Business struct {
	Work
	Proxies []signin.UnnamedProxy
}

// Work is what waits, and what was not done.
type Work struct {
	EmailsWaiting  int        // that should have gone 15 minutes ago, up to 1,001
	OldestEmail    *time.Time // of them
	EmailsFailed   int        // in a day, up to 1,001
	OldestJob      *time.Time // of the queue, that should have begun ten minutes ago
	JobsGivenUp    int        // in a day, up to 1,001
	PhotosWaiting  int        // sent more than an hour ago and not prepared yet, up to 1,001
	PhotosGivenUp  int        // sent in the last nine days and given up after two, up to 1,001
	Administrators int        // who can sign in
	WebhooksOff    []string   // the names of those that the program has switched off
	WebhooksFail   []string   // of those that are on, and to which nothing got through for a quarter of an hour
	FailingSince   *time.Time // the longest of them
	Now            time.Time
}

// Query adds the questions to a batch. Indexes answer each of them.
func Query(b *postgres.Batch, into *Business) {
	postgres.QueryOne(b, &into.Work, `
		select (select count(*) from (select from emails where state in ('waiting', 'retrying') and coalesce(next_try_at, created_at) < now() - interval '15 minutes' limit 1001) n) as emails_waiting,
			(select min(created_at) from emails where state in ('waiting', 'retrying') and coalesce(next_try_at, created_at) < now() - interval '15 minutes') as oldest_email,
			(select count(*) from (select from emails where state = 'failed' and finished_at > now() - interval '1 day' limit 1001) n) as emails_failed,
			(select min(scheduled_at) from river_job where state = 'available' and scheduled_at < now() - interval '10 minutes') as oldest_job,
			(select count(*) from (select from river_job where state = 'discarded' and finalized_at > now() - interval '1 day' limit 1001) n) as jobs_given_up,
			(select count(*) from (select from attachments where state = 'preparing' and removed_at is null and uploaded_at < now() - interval '1 hour' limit 1001) n) as photos_waiting,
			(select count(*) from (select from attachments where state = 'broken' and broken_because = @gave_up and removed_at is null and uploaded_at > now() - interval '9 days' limit 1001) n) as photos_given_up,
			(select count(*) from staff where role = 'administrator' and state = 'active' and archived_at is null) as administrators,
			array(select name from webhooks where not active and off_why <> 'staff' order by name) as webhooks_off,
			array(select name from webhooks where active and failing_since < now() - interval '15 minutes' order by name) as webhooks_fail,
			(select min(failing_since) from webhooks where active) as failing_since,
			now() as now`, pgx.NamedArgs{"gave_up": attachment.GaveUp})
	signin.QueryUnnamedProxies(b, &into.Proxies)
}

// round is one look at an installation. What several checks want to know is
// asked once.
type round struct {
	*Installation
	thorough bool
	server   func() (postgres.Server, error)
	nodes    func() []postgres.Node // the database's servers; none when none answers
	business func() (Business, error)
}

// patience is how long the database may take to answer.
const patience = 8 * time.Second

var errNoDatabase = errors.New("the address of the database is missing or wrong")

func newRound(ctx context.Context, i *Installation, thorough bool) *round {
	r := &round{Installation: i, thorough: thorough}
	r.server = sync.OnceValues(func() (s postgres.Server, err error) {
		if i.Pool == nil {
			return s, errNoDatabase
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		return postgres.ReadServer(ctx, i.Pool)
	})
	r.nodes = sync.OnceValue(func() []postgres.Node {
		if i.Pool == nil {
			return nil
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		nodes, err := postgres.Nodes(ctx, i.Pool.Config().ConnString())
		if err != nil || !slices.ContainsFunc(nodes, func(n postgres.Node) bool { return n.Err == nil }) {
			return nil
		}
		return nodes
	})
	r.business = sync.OnceValues(func() (b Business, err error) {
		if i.Pool == nil {
			return b, errNoDatabase
		}
		ctx, cancel := context.WithTimeout(ctx, patience)
		defer cancel()
		err = postgres.Read(ctx, i.Pool, func(batch *postgres.Batch) { Query(batch, &b) })
		return b, err
	})
	return r
}

func database(_ context.Context, r *round) []Finding {
	s, err := r.server()
	switch {
	case err != nil:
		return one(fault("The database does not answer.", "Check DATABASE_URL, that PostgreSQL runs and that this machine may connect: "+oneLine(err.Error())+"."))
	case s.Version < 15:
		return one(fault(fmt.Sprintf("PostgreSQL is version %d.", s.Version), "Version 15 or later is needed."))
	case len(s.Lacking) > 0:
		return one(fault("The database lacks the extension "+strings.Join(s.Lacking, ", ")+".", "Run fieldgate migrate, as a user who may create it."))
	}
	return one(ok(fmt.Sprintf("PostgreSQL %d answers, with the extensions that are needed.", s.Version)))
}

func schema(ctx context.Context, r *round) []Finding {
	if r.Pool == nil {
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	switch err := postgres.Ready(ctx, r.Pool); {
	case errors.Is(err, postgres.ErrBehind):
		return one(fault("The database is not migrated to this version of the program.", "Run fieldgate migrate, or restart the program."))
	case errors.Is(err, postgres.ErrRights):
		return one(fault("The database user that serves lacks rights, as after a plain pg_restore.", "Run fieldgate migrate, or restart the program."))
	case err != nil:
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	alone, err := postgres.OneRole(ctx, r.Pool)
	switch {
	case err != nil:
		return one(warning("Not looked at: the database does not answer.", ""))
	case alone:
		return one(ok("The database is migrated. The user that serves also owns the tables; FIELDGATE_MIGRATE_URL would separate the two."))
	}
	return one(ok("The database is migrated, and its users have the rights they need and no more."))
}

// drift is how far clocks may be apart.
const drift = 5 * time.Second

func clock(_ context.Context, r *round) []Finding {
	s, err := r.server()
	if err != nil {
		return one(warning("Not looked at: the database does not answer.", ""))
	}
	if apart := sinceNow(s.Clock).Round(time.Second); apart.Abs() > drift {
		return one(warning(fmt.Sprintf("The clocks of this machine and of the database are %s apart.", apart.Abs()), "Let both machines set their clocks by NTP: codes, links and certificates depend on them."))
	}
	return one(ok("This machine and the database agree on the time."))
}

// known reads what the database knows, or says why a check cannot.
func (r *round) known(judge func(Business) []Finding) []Finding {
	b, err := r.business()
	if err != nil {
		return one(warning("Not looked at: the database does not answer, or is not migrated.", ""))
	}
	return judge(b)
}

func proxies(_ context.Context, r *round) []Finding {
	return r.known(func(b Business) []Finding {
		if n := b.proxyNotice(); n != nil {
			return one(*n)
		}
		if r.Config.Secure() && len(r.Config.Proxies) == 0 {
			return one(warning("Customers come by HTTPS, and no proxy is named: nobody’s own address is known.", "Name the proxy that has the certificate in FIELDGATE_TRUSTED_PROXIES."))
		}
		return one(ok("Requests come from where they say."))
	})
}

func (b Business) proxyNotice() *Finding {
	if len(b.Proxies) == 0 {
		return nil
	}
	var at []string
	for _, p := range b.Proxies {
		at = append(at, p.Address.String())
	}
	f := warning("Visitors cannot be told apart: they come through a proxy that is not named ("+strings.Join(at, ", ")+").",
		"If it is yours, name it in FIELDGATE_TRUSTED_PROXIES. Until then one visitor’s wrong passwords can count for others, and nobody’s address is in the list of sign-ins.")
	return &f
}

func emails(_ context.Context, r *round) []Finding {
	return r.known(func(b Business) (found []Finding) {
		found = b.emailNotices()
		if len(found) == 0 {
			found = one(ok("No email waits longer than it should, and none failed in a day."))
		}
		return found
	})
}

func (b Business) emailNotices() (found []Finding) {
	if b.EmailsWaiting > 0 {
		found = append(found, warning(fmt.Sprintf("%s %s to go out; the oldest is from %s.", count(b.EmailsWaiting, "email"), waits(b.EmailsWaiting), ago(b.Now, b.OldestEmail)),
			"See what the mail server says under Email."))
	}
	if b.EmailsFailed > 0 {
		found = append(found, warning(fmt.Sprintf("%s failed in the last day.", count(b.EmailsFailed, "email")), "See why under Email, and send them again once the cause is gone."))
	}
	return found
}

func work(_ context.Context, r *round) []Finding {
	return r.known(func(b Business) (found []Finding) {
		if b.OldestJob != nil {
			found = append(found, warning("Background work has stopped: the oldest piece was due "+ago(b.Now, b.OldestJob)+".", "See that fieldgate serve runs, and what its log says."))
		}
		if b.JobsGivenUp > 0 {
			found = append(found, warning(count(b.JobsGivenUp, "piece")+" of background work failed 25 times and was given up in the last day.", "The program’s log says why."))
		}
		found = append(found, b.photoNotices()...)
		if len(found) == 0 {
			found = one(ok("Emails, photos and upkeep are done in time."))
		}
		return found
	})
}

func (b Business) photoNotices() (found []Finding) {
	if b.PhotosWaiting > 0 {
		found = append(found, warning(count(b.PhotosWaiting, "photo")+" sent more than an hour ago "+plural(b.PhotosWaiting, "is", "are")+" not prepared yet.", "See that storage is well, and what the program’s log says."))
	}
	if b.PhotosGivenUp > 0 {
		found = append(found, warning(count(b.PhotosGivenUp, "photo")+" sent in the last days could not be prepared, and the program has given up.", "The program’s log says why. The originals are there: download one and add it again."))
	}
	return found
}

func webhooks(_ context.Context, r *round) []Finding {
	return r.known(func(b Business) (found []Finding) {
		if n := len(b.WebhooksOff); n > 0 {
			found = append(found, warning(plural(n, "A webhook is", "Webhooks are")+" switched off because of what was answered: "+strings.Join(b.WebhooksOff, ", ")+". The system behind hears of nothing.",
				"See why under Administration → Webhooks, and switch it on again: what happened since can be sent then."))
		}
		if len(b.WebhooksFail) > 0 {
			found = append(found, warning("Nothing has got through to "+strings.Join(b.WebhooksFail, ", ")+" by webhook for "+day.Span(b.Now.Sub(*b.FailingSince))+".",
				"Administration → Webhooks shows what is answered. After three days of it a webhook is switched off."))
		}
		if len(found) == 0 {
			found = one(ok("Each webhook that is on gets through."))
		}
		return found
	})
}

func administrators(_ context.Context, r *round) []Finding {
	return r.known(func(b Business) []Finding {
		if b.Administrators == 0 {
			return one(warning("No Administrator can sign in.", "Run fieldgate staff list and fieldgate staff link, or fieldgate staff add for the first one."))
		}
		return one(ok(count(b.Administrators, "Administrator") + " can sign in."))
	})
}

func count(n int, noun string) string {
	if n > 1000 {
		return "More than 1,000 " + noun + "s"
	}
	return fmt.Sprintf("%d %s", n, plural(n, noun, noun+"s"))
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func waits(n int) string { return plural(n, "waits", "wait") }

// ago is how long something lies back, in words that need no time zone.
func ago(now time.Time, at *time.Time) string {
	if at == nil {
		return "an unknown time"
	}
	return day.Span(now.Sub(*at)) + " ago"
}
