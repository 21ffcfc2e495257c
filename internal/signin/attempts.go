package signin

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/audit"
	"fieldgate/internal/password"
	"fieldgate/internal/postgres"
	"fieldgate/internal/secret"
	"fieldgate/internal/turns"
)

// Limited says that there were too many tries, and how long to wait.
type Limited struct {
	Wait time.Duration // whole minutes, as it is said
	by   Reason
}

// Error names the wait, for logs and tests.
func (l Limited) Error() string { return "too many tries, wait " + l.Wait.String() }

// attemptKind is what is being tried. Each kind has limits of its own.
type attemptKind string

// The kinds of attempts.
const (
	passwordAttempt attemptKind = "sign-in" // a password is tried
	mailAttempt     attemptKind = "reset"   // a mail with a link or a code is asked for
	codeAttempt     attemptKind = "code"    // the digits of a code by email are tried
	factorAttempt   attemptKind = "factor"  // a second factor is tried, after the first
	logoutAttempt   attemptKind = "logout"  // somebody says that they are a company's provider
)

// attempt is one try of one visitor.
type attempt struct {
	Kind    attemptKind
	Side    Side
	Account string     // the email address as typed, whether or not it is known
	key     string     // the account as it is kept, when it is not known as typed
	Address netip.Addr // the visitor's; the zero Addr is not counted

	Email   string // the account's own address, "" when nobody's was typed
	Device  string // that the account has signed in with before, "" for all others
	Proxied bool   // Address is a proxy's that nobody has named
	Claimed netip.Addr
	Browser string
}

// network is what tells this visitor from others, nil when nothing does: the
// address of a proxy that nobody has named is everybody's, and one guesser there
// would shut all of them out. What such a proxy claims is believed for this
// alone. Whoever forges it, past the proxy, escapes the limit of an address and
// none of an account.
func (a attempt) network() *string {
	if a.Proxied {
		return networkOf(a.Claimed)
	}
	return networkOf(a.Address)
}

// at names the limit that the try meets: the account's, or the network's at any.
func (a attempt) at(by Reason) string {
	if network := a.network(); by == AddressLimit && network != nil {
		return fmt.Sprintf("%s %s %s", a.Kind, by, *network)
	}
	return fmt.Sprintf("%s %s %s %s", a.Kind, by, a.Side, a.of())
}

// of is the account as it is kept.
func (a attempt) of() string { return cmp.Or(a.key, accountKey(a.Account)) }

// limit is how many wrong tries are free. A device of the account has a budget
// of its own. All others share that of the account, of which a network uses up no
// more than its share: one guesser alone shuts nobody else out.
type limit struct {
	account       int
	accountWindow time.Duration
	share         int
	grows         bool // the wait of a network at an account doubles with each try
	address       int
	addressWindow time.Duration
}

var limits = map[attemptKind]limit{
	passwordAttempt: {account: 10, accountWindow: 15 * time.Minute, share: 5, grows: true, address: 100, addressWindow: time.Hour},
	factorAttempt:   {account: 10, accountWindow: 15 * time.Minute, share: 5, grows: true, address: 100, addressWindow: time.Hour},
	// A code has five tries of its own, and an hour five codes.
	codeAttempt: {account: 25, accountWindow: time.Hour, share: 25, address: 100, addressWindow: time.Hour},
	// The account is a login as one network says that it is its provider.
	logoutAttempt: {account: 20, accountWindow: 15 * time.Minute, share: 20, address: 100, addressWindow: time.Hour},
	mailAttempt:   {account: 5, accountWindow: time.Hour, share: 4, address: 100, addressWindow: time.Hour},
}

const (
	// remembered is how long a network's tries at an account let its waits grow.
	remembered = 24 * time.Hour
	// longestWait is what they grow to.
	longestWait = 4 * time.Hour
	// underWay is how long a try may take. One that has said nothing by then was
	// cut off and counts as wrong.
	underWay = time.Minute
)

// atOnce is how many passwords one program compares at once: enough to keep its
// processors at work. The others wait their turn, five hundred at most.
const (
	atOnce = 32
	behind = 512
)

// look is how many of those who wait at one limit for the tries under way ask
// the database whether these have ended; wait is how many may wait there.
const (
	look = 2
	wait = 512
)

// count counts a request for a mail, which stays counted whatever comes after.
// Limited when there were too many.
func (s *Service) count(ctx context.Context, side Side, from audit.Actor, account string) error {
	_, err := s.take(ctx, attempt{
		Kind: mailAttempt, Side: side, Account: account,
		Address: from.Address, Proxied: from.Proxied, Claimed: from.Claimed, Browser: from.Browser,
	})
	return err
}

// take counts an attempt if it is within the limits, or returns Limited. An
// attempt at a password counts until settle says what became of it: hundreds at
// the same moment get no more tries than one after another. Whoever would go
// beyond a limit only if those under way turn out to be wrong waits for them.
func (s *Service) take(ctx context.Context, a attempt) (id int64, err error) {
	v, err := s.ask(ctx, a)
	if err != nil || !v.full {
		return v.id, err
	}
	patient, cancel := context.WithTimeout(ctx, 2*underWay)
	defer cancel()
	name := a.at(v.by)
	if !s.waits.Take(patient, name) {
		return 0, cmp.Or(ctx.Err(), password.ErrBusy)
	}
	defer s.waits.Give(name)
	for {
		if v, err = s.ask(ctx, a); err != nil || !v.full {
			return v.id, err
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-patient.Done():
			return 0, cmp.Or(ctx.Err(), password.ErrBusy)
		}
	}
}

// ask takes the attempt, unless the limits refuse it or those under way decide.
func (s *Service) ask(ctx context.Context, a attempt) (v verdict, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) (err error) {
		v, err = takeAttempt(ctx, tx, a)
		return err
	})
	if err != nil {
		return verdict{}, err
	}
	if v.wait > 0 {
		return verdict{}, cmp.Or(s.refused(ctx, a, v.by), error(Limited{Wait: (v.wait + time.Minute - 1).Truncate(time.Minute), by: v.by}))
	}
	return v, nil
}

// verdict is what the limits say of an attempt.
type verdict struct {
	id   int64         // of the attempt, taken
	wait time.Duration // refused for that long
	by   Reason        // what refuses it, or will
	full bool          // neither, until those under way have ended
}

// takeAttempt asks the limits, and inserts the attempt if it is within them.
// Refused attempts are not counted, or an impatient owner would never get in.
func takeAttempt(ctx context.Context, tx postgres.Tx, a attempt) (v verdict, err error) {
	l, known := limits[a.Kind]
	if !known {
		return v, fmt.Errorf("take attempt: no limits for %q", a.Kind)
	}
	network := a.network()
	args := pgx.NamedArgs{
		"kind": string(a.Kind), "side": string(a.Side), "account": a.of(), "network": network, "address": nullAddress(a.Address.Unmap().WithZone("")),
		"email": a.Email, "device": a.Device, "browser": a.Browser, "remembered": remembered, "under_way": underWay,
		"address_window": l.addressWindow, "outcome": "pending",
	}
	if a.Kind == mailAttempt {
		args["outcome"] = "asked"
	}
	// Account before address, always: two attempts never wait for each other. A
	// statement of its own, because the next one must see what others committed
	// while this one waited.
	if _, err := tx.Exec(ctx, `
		select pg_advisory_xact_lock(hashtext('attempts of an account'), hashtext(@kind || @side || @account)),
			pg_advisory_xact_lock(hashtext('attempts of an address'), hashtext(@kind || @network::text))`, args,
	); err != nil {
		return v, fmt.Errorf("take attempt: %w", err)
	}
	tries, err := readEarlier(ctx, tx, `side = @side and account = @account and at > now() - @remembered::interval`, 500, args)
	if err != nil {
		return v, err
	}
	v = l.ofAccount(tries, network, a.Device)
	if v.wait == 0 && a.Device == "" && network != nil {
		there, err := readEarlier(ctx, tx, `network = @network::inet and device = '' and at > now() - @address_window::interval`, l.address, args)
		if err != nil {
			return v, err
		}
		wait, full := within(there, l.address, l.addressWindow)
		switch {
		case wait > 0:
			v = verdict{wait: wait, by: AddressLimit}
		case full:
			v.full, v.by = true, AddressLimit
		}
	}
	if v.wait > 0 || v.full {
		return v, nil
	}
	err = tx.QueryRow(ctx, `
		insert into attempts (kind, side, account, address, network, outcome, email, device, browser)
		values (@kind, @side, @account, @address, @network::inet, @outcome, @email, @device, @browser) returning id`, args).Scan(&v.id)
	if err != nil {
		return v, fmt.Errorf("take attempt: %w", err)
	}
	return v, nil
}

// earlier is an attempt that counts.
type earlier struct {
	Network *string
	Device  string
	Pending bool
	Ago     time.Duration
}

// readEarlier are the attempts of args' kind for which where holds, the latest
// first and no more than most.
func readEarlier(ctx context.Context, tx postgres.Tx, where string, most int, args pgx.NamedArgs) (tries []earlier, err error) {
	err = postgres.Read(ctx, tx, func(b *postgres.Batch) {
		postgres.Query(b, &tries, `
			select host(network) as network, device, outcome = 'pending' and at > now() - @under_way::interval as pending, clock_timestamp() - at as ago
			from attempts
			where kind = @kind and counts and `+where+`
			order by at desc limit `+strconv.Itoa(most), args)
	})
	if err != nil {
		return nil, fmt.Errorf("read earlier attempts: %w", err)
	}
	return tries, nil
}

// ofAccount says whether one more try at an account is within its limits. The
// latest of the tries is the first.
func (l limit) ofAccount(tries []earlier, network *string, device string) verdict {
	var budget, here []earlier
	shares := map[string]int{}
	for _, t := range tries {
		if t.Device != device {
			continue
		}
		if device == "" && t.Network != nil {
			if network != nil && *t.Network == *network {
				here = append(here, t)
			}
			if t.Ago < l.accountWindow {
				if shares[*t.Network]++; shares[*t.Network] > l.share {
					continue
				}
			}
		}
		budget = append(budget, t)
	}
	v := verdict{by: AccountLimit}
	if device != "" {
		v.by = DeviceLimit
	}
	v.wait, v.full = within(budget, l.account, l.accountWindow)
	wait, full := within(here, l.account, l.accountWindow)
	if l.grows {
		wait = max(wait, l.growing(here))
	}
	v.full = v.full || full
	if wait > v.wait {
		v.wait, v.by = wait, NetworkLimit
	}
	return v
}

// within says how long to wait until fewer than n of the tries are in the
// window; full, that those under way decide it.
func within(tries []earlier, n int, window time.Duration) (wait time.Duration, full bool) {
	wrong, all := 0, 0
	for _, t := range tries {
		if t.Ago >= window {
			continue
		}
		if all++; !t.Pending {
			wrong++
		}
		if wrong == n {
			return window - t.Ago, false
		}
	}
	return 0, all >= n
}

// growing is the wait of a network that has used up its tries at an account:
// each one more doubles it.
func (l limit) growing(here []earlier) time.Duration {
	wrong, last := 0, time.Duration(0)
	for _, t := range here {
		if t.Pending {
			continue
		}
		if wrong++; wrong == 1 {
			last = t.Ago
		}
	}
	if wrong < l.account {
		return 0
	}
	return min(longestWait, l.accountWindow<<min(wrong-l.account, 8)) - last
}

// settle says what became of an attempt at a password: Wrong, or Right, which
// forgives the earlier ones of whoever it was. Those under way are their own
// transactions', which may be waiting to do the same.
func settle(ctx context.Context, tx postgres.Tx, id int64, outcome Outcome, reason Reason) error {
	_, err := tx.Exec(ctx, `
		with this as (
			update attempts set outcome = @outcome, reason = @reason, counts = @outcome <> 'right', last_at = now() where id = @id
			returning kind, side, account, device, network)
		update attempts set counts = false where @outcome = 'right' and id in (
			select a.id from attempts a, this t
			where a.id <> @id and a.counts and a.outcome <> 'pending' and a.kind = t.kind and a.side = t.side and a.account = t.account and a.device = t.device
				and (t.device <> '' or a.network is not distinct from t.network)
			order by a.id for update of a)`,
		pgx.NamedArgs{"id": id, "outcome": string(outcome), "reason": string(reason)})
	if err != nil {
		return fmt.Errorf("settle attempt: %w", err)
	}
	return nil
}

// release takes back an attempt whose password nobody has looked at.
func (s *Service) release(ctx context.Context, id int64) error {
	if _, err := s.pool.Exec(context.WithoutCancel(ctx), `delete from attempts where id = $1 and outcome = 'pending'`, id); err != nil {
		return fmt.Errorf("release attempt: %w", err)
	}
	return nil
}

// clearAttempts forgets the wrong passwords of an account: a new one has been
// chosen by whoever reads its mail.
func clearAttempts(ctx context.Context, tx postgres.Tx, side Side, account string) error {
	_, err := tx.Exec(ctx, `update attempts set counts = false where kind = @kind and side = @side and account = @account and counts and outcome <> 'pending'`,
		pgx.NamedArgs{"kind": string(passwordAttempt), "side": string(side), "account": accountKey(account)})
	if err != nil {
		return fmt.Errorf("clear attempts: %w", err)
	}
	return nil
}

// sweepAttempts deletes some of what is older than Administration → Retention
// keeps it.
func sweepAttempts(ctx context.Context, tx postgres.Tx) (deleted int64, err error) {
	tag, err := tx.Exec(ctx, `
		delete from attempts where id = any(array(
			select id from attempts where last_at < (select now() - make_interval(days => attempts) from retention) order by last_at, id limit 5000))`)
	if err != nil {
		return 0, fmt.Errorf("sweep attempts: %w", err)
	}
	return tag.RowsAffected(), nil
}

// deviceOf names the device that the account has signed in with before, "" when
// the visitor comes with another one. Whoever is signed in to the account has
// proved more than a device could. It costs the same for nobody's account.
func (s *Service) deviceOf(ctx context.Context, side Side, account int64, from audit.Actor) (device string, err error) {
	signedIn, owner := from.Person, "person_id"
	if side == Office {
		signedIn, owner = from.Staff, "staff_id"
	}
	if account != 0 && signedIn == account {
		return "signed in", nil
	}
	err = s.pool.QueryRow(ctx, `select coalesce((select token_hash from devices where `+owner+` = @account and token_hash = @token), '')`,
		pgx.NamedArgs{"account": account, "token": fmt.Sprintf("%x", secret.HashToken(from.Device))}).Scan(&device)
	if err != nil {
		return "", fmt.Errorf("recognise device: %w", err)
	}
	return device, nil
}

// accountKey is a hash: people type passwords into the wrong field, and those
// must not lie in a table. It also fits any text, however long or broken.
func accountKey(account string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(account))))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// networkOf is the visitor's network as the database has it, nil for nobody's.
func networkOf(address netip.Addr) *string {
	network := turns.Network(address)
	if !network.IsValid() {
		return nil
	}
	key := network.String()
	return &key
}
