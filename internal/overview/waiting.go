package overview

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Waiting is one thing that waits for somebody in the office.
type Waiting struct {
	Kind           string
	Thing          int64 // of that kind
	Number         string
	Name           string
	Description    string
	CustomerNumber string
	CustomerName   string
	By             string // the contact it is about
	Fresh          bool   // from the portal, and looked at by nobody
	Note           string
	Due            day.Day      // when it is too late; zero for most
	Visit          *VisitAnswer // of an answer to a visit
	At             time.Time
	TakerID        int64 // who has taken it; 0 for nobody
	Taker          string
	SnoozedUntil   day.Day // zero while it waits
	PutAside       bool    // until something new happens
}

// Title is what the record is called.
func (w Waiting) Title() string { return job.Title(w.Name, w.Description) }

// Who narrows the queue by who has taken something.
type Who string

// The ways to narrow the queue. What was snoozed is in the last alone.
const (
	Everybody Who = ""
	Mine      Who = "mine"
	Nobody    Who = "nobody"
	Snoozed   Who = "snoozed"
)

// Whos are all of them, in the order of the page.
var Whos = []Who{Everybody, Mine, Nobody, Snoozed}

// Orders are the ways to sort the queue: what came last first, or what has
// waited longest.
var Orders = list.Orders{{Key: "waiting", Type: "timestamptz", Desc: true}}

// queueSize is how much of the queue a page shows.
const queueSize = 25

// Filter narrows the queue. Staff is whose Mine are.
type Filter struct {
	Who   Who
	Kind  string // of Kinds; "" for all
	Staff int64
}

// snoozed is the condition that the mark w puts off what waits since at.
func (k Kind) snoozed() string {
	return "coalesce(w.snoozed_until > @today and w.snoozed_at >= " + k.at + ", false)"
}

func (k Kind) ids() string     { return cmp.Or(k.id, "t.id") }
func (k Kind) things() string  { return cmp.Or(k.thing, k.ids()) }
func (k Kind) finding() string { return cmp.Or(k.find, k.ids()+" = @thing") }

// ours tells whether it waits here.
func (k Kind) ours(by keeper.Keepers) bool { return !by.Keeps(k.kept).Elsewhere() }

// marked are the rows of the kind with their marks.
func (k Kind) marked() string {
	return k.table + " left join waiting_marks w on w.kind = '" + k.Name + "' and w.thing = " + k.things()
}

// who is the condition that the mark w leaves what waits in the queue as it is
// narrowed; me is whose Mine are.
func (k Kind) who(who Who) string {
	switch who {
	case Snoozed:
		return "w.snoozed_until is not null and " + k.snoozed()
	case Mine:
		return "w.taker_id = (select @me::bigint) and not " + k.snoozed()
	case Nobody:
		return "w.taker_id is null and not " + k.snoozed()
	case Everybody:
	}
	return "not " + k.snoozed()
}

// part is what a list reads of one kind, the n-th: no more than finds its rows.
func (k Kind) part(n int, today day.Day) list.Part {
	s := list.Source{
		Columns: strconv.Itoa(n) + " as part, " + k.ids() + " as found, " + k.things() + " as thing, " + k.at + " as at, w.taker_id, w.snoozed_until",
		From:    k.marked(),
		ID:      k.ids() + " * " + strconv.Itoa(len(kinds)) + " + " + strconv.Itoa(n),
		OwnID:   k.ids(),
	}
	s.Where.And(k.where, "today", today)
	return list.Part{Expr: k.at, Source: s}
}

// shownOfAll is what the rows of a page show, each by its kind.
var shownOfAll = func() string {
	var parts []string
	for n, k := range kinds {
		parts = append(parts, fmt.Sprintf("select '%s' as kind, %s, %s as visit from %s %s where gathered.part = %d and %s = gathered.found", k.Name, k.shown, cmp.Or(k.visit, "null::jsonb"), k.table, k.joins, n, k.ids()))
	}
	return "left join lateral (" + strings.Join(parts, " union all ") + ") shown on true left join customers cu on cu.id = customer left join staff st on st.id = taker_id"
}()

// Tally is how much waits, by who has taken it and of which kind, each up to
// list.MaxCount and one.
type Tally map[Filter]int

// Of counts what a filter shows.
func (t Tally) Of(f Filter) (n int) {
	if f.Kind != "" {
		return t[f]
	}
	for _, k := range kinds {
		n += t[Filter{f.Who, k.Name, f.Staff}]
	}
	return min(n, list.MaxCount+1)
}

// Queue is a page of what waits, and how much there is.
type Queue struct {
	list.Page[Waiting]
	Counts Tally
}

// Waiting are the counts for the navigation, as CountsSQL has them.
func (q Queue) Waiting(me int64) map[string]int {
	counts := map[string]int{}
	for _, k := range kinds {
		counts[k.Name] = min(q.Counts[Filter{Everybody, k.Name, me}], MostCounted)
	}
	return counts
}

// Office is what the queue goes by: the business's day, and who keeps what.
type Office struct {
	Today   day.Day
	Keepers keeper.Keepers
}

// shownColumns are what is shown of each thing that was found.
const shownColumns = `
	kind, thing, shown.number, shown.name, description, coalesce(cu.number, '') as customer_number, coalesce(cu.name, '') as customer_name, shown.by, fresh, note, due, visit, gathered.at,
	coalesce(taker_id, 0) as taker_id, coalesce(st.name, '') as taker, nullif(snoozed_until, 'infinity') as snoozed_until, coalesce(snoozed_until = 'infinity', false) as put_aside`

// ToGive is one thing that waits, and who can take it.
type ToGive struct {
	Waiting
	Colleagues []job.StaffRef
}

// FindToGive finds one thing that waits, snoozed or not. What nobody has to deal
// with any more is apperr.NotFound.
func FindToGive(ctx context.Context, db postgres.DB, o Office, kind string, thing int64) (ToGive, error) {
	n := slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == kind && k.ours(o.Keepers) })
	if n < 0 {
		return ToGive{}, apperr.NotFound
	}
	part := kinds[n].part(n, o.Today)
	part.Source.Where.And(kinds[n].finding(), "thing", thing)
	var (
		found ToGive
		page  list.Page[Waiting]
	)
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		list.QueryUnion(b, &page, list.Query{Size: 1}, Orders, []list.Part{part}, shownColumns, shownOfAll)
		postgres.Query(b, &found.Colleagues, `select id, name from staff where `+takes+` order by name collate "und-x-icu", id`, nil)
	})
	if err == nil && len(page.Rows) == 0 {
		err = apperr.NotFound
	}
	if err != nil {
		return ToGive{}, err
	}
	found.Waiting = page.Rows[0]
	return found, nil
}

// QueryQueue adds a page of the queue to a batch, and how much there is of it.
func QueryQueue(b *postgres.Batch, into *Queue, o Office, q list.Query, f Filter) {
	q.Size = queueSize
	// One plan does for all staff, and making it takes longer than the rest of the page.
	// Each kind has an index in the order of the list; left to choose, the planner
	// would join all that waits with its marks, and sort it.
	const plan = `select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_sort', @how, true), set_config('enable_hashjoin', @how, true)`
	b.Do(plan, pgx.NamedArgs{"how": "off"})
	var parts []list.Part
	for n, k := range kinds {
		if (f.Kind == "" || f.Kind == k.Name) && k.ours(o.Keepers) {
			part := k.part(n, o.Today)
			part.Source.Where.And(k.who(f.Who), "me", f.Staff)
			parts = append(parts, part)
		}
	}
	list.QueryUnion(b, &into.Page, q, Orders, parts, shownColumns, shownOfAll)
	b.Do(plan, pgx.NamedArgs{"how": "on"})
	into.Counts = Tally{}
	b.Add(tallySQL, pgx.NamedArgs{"me": f.Staff, "today": o.Today}, func(rows pgx.Rows) error {
		counts, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]int])
		for i, n := range counts {
			if !kinds[i/len(Whos)].ours(o.Keepers) {
				continue
			}
			into.Counts[Filter{Whos[i%len(Whos)], kinds[i/len(Whos)].Name, f.Staff}] = min(n, list.MaxCount+1)
		}
		return err
	})
}

// tallySQL counts what waits: of each kind, for each of Whos, in the order of
// these. What has a mark is looked at from the marks, of which there are few. All
// the rest is counted by an index alone, as far as is counted, marked or not.
var tallySQL = func() string {
	var counts []string
	for _, k := range kinds {
		counts = append(counts, fmt.Sprintf(`(
			select array[marked.waits + unmarked.n, marked.mine, marked.free + unmarked.n, marked.off]
			from (select count(*) as n, count(*) filter (where not off) as waits, count(*) filter (where not off and taker = @me) as mine, count(*) filter (where not off and taker is null) as free, count(*) filter (where off) as off
				from (select %s as off, w.taker_id as taker from %s where %s and w.kind is not null) seen) marked,
			lateral (select count(*) - marked.n as n from (select from %s where %[3]s limit %[5]d + marked.n) seen) unmarked)`,
			k.snoozed(), k.marked(), k.where, k.table, list.MaxCount+1))
	}
	return "select " + strings.Join(counts, " || ")
}()

// takes is the condition on staff that somebody works in the office.
const takes = `state = 'active' and archived_at is null and role in ('administrator', 'office')`

// CountsSQL is an expression of what waits by kind, up to MostCounted of each:
// an object, for the query with which each page of the office begins, in which co
// is the company. What is put off is counted from the marks, and taken from what an
// index alone counts. Here leaves what waits here.
var CountsSQL = func() string {
	var counts []string
	for _, k := range kinds {
		counts = append(counts, fmt.Sprintf(`'%s', (
			select (select count(*) from (select from %s where %s limit %d + off.n) n) - off.n
			from (select count(*) as n from %s where %[3]s and w.snoozed_until is not null and %[6]s) off)`,
			k.Name, k.table, k.where, MostCounted, k.marked(), k.snoozed()))
	}
	return strings.ReplaceAll("jsonb_build_object("+strings.Join(counts, ", ")+")", "@today", todayOfCo)
}()

// Here leaves of the counts of CountsSQL what no other system keeps.
func Here(counts map[string]int, by keeper.Keepers) map[string]int {
	here := make(map[string]int, len(counts))
	for _, k := range kinds {
		if k.ours(by) {
			here[k.Name] = counts[k.Name]
		}
	}
	return here
}

// MostCounted is as far as the navigation counts.
const MostCounted = 100

// DealtWith is what somebody is told who comes too late.
const DealtWith = "Somebody has dealt with this already."

// lock finds one thing that waits: what the trail calls it, and whose it is.
func lock(ctx context.Context, tx postgres.Tx, kind string, thing int64) (number string, customer int64, err error) {
	k, known := KindOf(kind)
	if !known {
		return "", 0, apperr.NotFound
	}
	err = tx.QueryRow(ctx, `
		select number, coalesce(customer, 0) from (select `+k.shown+` from `+k.table+` `+k.joins+` where `+strings.ReplaceAll(k.where, "@today", todaySQL)+` and `+k.finding()+`) found
		where not exists (select from keepers where kind = @kept and source <> '') limit 1`,
		pgx.NamedArgs{"thing": thing, "kept": k.kept}).Scan(&number, &customer)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", 0, apperr.Conflictf(DealtWith)
	}
	if err != nil {
		return "", 0, fmt.Errorf("find what waits: %w", err)
	}
	return number[strings.Index(number, "/")+1:], customer, nil
}

// Give makes somebody of the office the one who deals with something, or nobody
// when to is 0. Who has changed in the meantime, as from tells, stays.
func Give(ctx context.Context, tx postgres.Tx, by audit.Actor, kind string, thing, from, to int64) error {
	number, customer, err := lock(ctx, tx, kind, thing)
	if err != nil {
		return err
	}
	if from == to {
		return nil
	}
	tag, err := tx.Exec(ctx, `
		insert into waiting_marks as w (kind, thing, taker_id)
		select @kind, @thing, nullif(@to::bigint, 0) where @to = 0 or exists (select from staff where id = @to and `+takes+`)
		on conflict (kind, thing) do update set taker_id = excluded.taker_id where coalesce(w.taker_id, 0) = @from`,
		pgx.NamedArgs{"kind": kind, "thing": thing, "from": from, "to": to})
	if err != nil {
		return fmt.Errorf("give %s to somebody: %w", number, err)
	}
	if tag.RowsAffected() == 0 {
		return apperr.Conflictf("Somebody else has taken this. The list shows who.")
	}
	return audit.Record(ctx, tx, by, audit.New{Action: audit.WaitingGiven, ID: thing, Label: number, Customer: customer, Before: taker(from), After: taker(to)})
}

func taker(id int64) any {
	if id == 0 {
		return nil
	}
	return map[string]any{"staff": id}
}

// Snooze puts something off until a day; a day that has come ends it. With aside
// it does not come back by itself.
func Snooze(ctx context.Context, tx postgres.Tx, by audit.Actor, kind string, thing int64, until day.Day, aside bool) error {
	number, customer, err := lock(ctx, tx, kind, thing)
	if err != nil {
		return err
	}
	if aside {
		if k, _ := KindOf(kind); k.Done == "" {
			return apperr.Conflictf("This cannot be snoozed: it waits until somebody deals with it.")
		}
	}
	_, err = tx.Exec(ctx, `
		insert into waiting_marks (kind, thing, snoozed_until, snoozed_at)
		values (@kind, @thing, case when @aside then 'infinity' else nullif(@until, '')::date end, case when @aside or @until <> '' then now() end)
		on conflict (kind, thing) do update set snoozed_until = excluded.snoozed_until, snoozed_at = excluded.snoozed_at`,
		pgx.NamedArgs{"kind": kind, "thing": thing, "until": until.String(), "aside": aside})
	if err != nil {
		return fmt.Errorf("put off %s: %w", number, err)
	}
	n := audit.New{Action: audit.WaitingSnoozed, ID: thing, Label: number, Customer: customer}
	switch {
	case aside:
		n.Action = audit.WaitingPutAside
	case until.IsZero():
		n.Action = audit.WaitingWoken
	default:
		n.After = map[string]any{"until": until.String()}
	}
	return audit.Record(ctx, tx, by, n)
}

// CheckUntil says what is wrong with a day to put something off until.
func CheckUntil(until, today day.Day) problem.Set {
	p := problem.Set{}
	p.Unless(until.After(today), "day", "Choose a day after today.")
	return p
}
