package token

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/postgres"
)

// AnswerLife is for how long an answer is kept to be given once more.
const AnswerLife = 24 * time.Hour

// unanswered is how long an answer may take. Of a program that has died since
// nobody knows what it did: whoever sends the request again has it done, and what
// is made carries the key, so that it is not made twice.
const unanswered = 5 * time.Minute

// What the same key can stand for already.
var (
	// ErrOtherRequest says that the key came with another request before.
	ErrOtherRequest = errors.New("the key came with another request")
	// ErrUnanswered says that the request is being answered right now.
	ErrUnanswered = errors.New("the request is being answered")
)

// Answer is what was answered to a request.
type Answer struct {
	Status  int
	Headers map[string]string
	Body    []byte
}

// Answers keeps what was answered to requests that carry a key.
type Answers struct{ pool *pgxpool.Pool }

// NewAnswers keeps them in the database.
func NewAnswers(pool *pgxpool.Pool) Answers { return Answers{pool} }

// Claim notes that a request with a key is about to be answered, before it is.
// When it was answered already, that answer is returned and claimed is false.
func (k Answers) Claim(ctx context.Context, id int64, key string, request []byte) (a Answer, claimed bool, err error) {
	args := pgx.NamedArgs{"token": id, "key": key, "request": request, "unanswered": unanswered, "life": AnswerLife}
	tag, err := k.pool.Exec(ctx, `
		insert into token_answers (token_id, key, request) values (@token, @key, @request)
		on conflict (token_id, key) do update set at = now(), request = excluded.request, status = null, headers = '{}', body = ''
		where token_answers.at < now() - @life::interval
			or (token_answers.status is null and token_answers.at < now() - @unanswered::interval and token_answers.request = excluded.request)`, args)
	if err != nil {
		return a, false, fmt.Errorf("claim a key: %w", err)
	}
	if tag.RowsAffected() > 0 {
		return a, true, nil
	}
	var (
		before []byte
		status *int
	)
	err = k.pool.QueryRow(ctx, `select request, status, headers, body from token_answers where token_id = @token and key = @key`, args).Scan(&before, &status, &a.Headers, &a.Body)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // it failed a moment ago
		return a, false, ErrUnanswered
	case err != nil:
		return a, false, fmt.Errorf("find the answer to a key: %w", err)
	case string(before) != string(request):
		return a, false, ErrOtherRequest
	case status == nil:
		return a, false, ErrUnanswered
	}
	a.Status = *status
	return a, false, nil
}

// Keep keeps the answer to a claimed request.
func (k Answers) Keep(ctx context.Context, id int64, key string, a Answer) error {
	if a.Headers == nil {
		a.Headers = map[string]string{}
	}
	if a.Body == nil {
		a.Body = []byte{}
	}
	_, err := k.pool.Exec(ctx, `update token_answers set status = @status, headers = @headers, body = @body where token_id = @token and key = @key`,
		pgx.NamedArgs{"token": id, "key": key, "status": a.Status, "headers": a.Headers, "body": a.Body})
	if err != nil {
		return fmt.Errorf("keep the answer to a key: %w", err)
	}
	return nil
}

// Release forgets a claimed request that came to nothing, so that it can be sent
// again.
func (k Answers) Release(ctx context.Context, id int64, key string) error {
	if _, err := k.pool.Exec(ctx, `delete from token_answers where token_id = @token and key = @key and status is null`, pgx.NamedArgs{"token": id, "key": key}); err != nil {
		return fmt.Errorf("release a key: %w", err)
	}
	return nil
}

// Sweep forgets answers and calls that are old.
func Sweep(ctx context.Context, tx postgres.Tx) error {
	for _, sql := range []string{
		`delete from token_answers where at < now() - interval '24 hours'`,
		`delete from token_calls where minute < now() - interval '30 days'`,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("sweep what tokens left: %w", err)
		}
	}
	return nil
}
