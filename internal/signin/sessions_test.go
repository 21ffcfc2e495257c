package signin_test

import (
	"testing"
)

func TestWhomNothingLetsInHasNoSessions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		change string
		left   int
	}{
		"suspended":                {`update contacts set access = 'suspended' where person_id = 1`, 0},
		"archived":                 {`update contacts set archived_at = now() where person_id = 1`, 0},
		"another email":            {`update contacts set person_id = null, access = 'invited' where person_id = 1`, 0},
		"the customer archived":    {`update customers set archived_at = now() where id = 1`, 0},
		"suspended at one of two":  {`insert into contacts (customer_id, person_id, name, email, access) values (2, 1, 'Lee', 'lee@old.test', 'active'); update contacts set access = 'suspended' where person_id = 1 and customer_id = 1`, 1},
		"other rights":             {`update contacts set jobs_see = 'all' where person_id = 1`, 1},
		"somebody else, suspended": {`update contacts set access = 'suspended' where person_id = 2`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.guest("lee@old.test", guestPassword)
			w.guest("kim@taken.test", guestPassword)
			w.do(`insert into sessions (token_hash, side, person_id, contact_id, expires_at) values ('x', 'portal', 1, 1, now() + interval '1 day')`)
			w.do(tt.change)
			w.do(`update contacts set access = 'active' where access = 'suspended'`)
			if got := get[int](w, `select count(*) from sessions where person_id = 1`); got != tt.left {
				t.Errorf("%d sessions", got)
			}
		})
	}
}
