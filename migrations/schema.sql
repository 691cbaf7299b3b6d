-- What the migrations make, recorded by `make schema`. Do not edit.

CREATE SCHEMA base;

CREATE SCHEMA books;

CREATE SCHEMA catalog;

CREATE SCHEMA connect;

CREATE SCHEMA deals;

CREATE SCHEMA gate;

CREATE SCHEMA guides;

CREATE SCHEMA increment;

CREATE SCHEMA insight;

CREATE SCHEMA members;

CREATE SCHEMA pricing;

CREATE SCHEMA program;

CREATE SCHEMA reach;

CREATE SCHEMA scango;

CREATE SCHEMA stock;

CREATE SCHEMA stores;

CREATE SCHEMA trade;

CREATE TABLE base.clocks (
    name text NOT NULL,
    next_at timestamp with time zone NOT NULL,
    leased_until timestamp with time zone
);

COMMENT ON TABLE base.clocks IS 'ground: when each periodic call comes next, and who runs it';

CREATE TABLE base.jobs (
    id uuid NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    due_at timestamp with time zone NOT NULL,
    leased_until timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    last_error text,
    dead_at timestamp with time zone,
    enqueued_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE base.jobs IS 'ground: work for later, done at least once';

CREATE TABLE base.limits (
    key text NOT NULL,
    window_start timestamp with time zone NOT NULL,
    count integer NOT NULL,
    CONSTRAINT limits_count_check CHECK ((count > 0))
);

COMMENT ON TABLE base.limits IS 'ground: how often something was tried in a window';

CREATE TABLE base.migrations (
    number integer NOT NULL,
    name text NOT NULL,
    sha256 text NOT NULL,
    applied_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE base.migrations IS 'ground: which migrations this database has';

CREATE TABLE base.missed_reactions (
    bucket smallint NOT NULL,
    fact_id uuid NOT NULL,
    reaction text NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    attempts integer NOT NULL,
    due_at timestamp with time zone NOT NULL,
    last_error text,
    dead_at timestamp with time zone
);

COMMENT ON TABLE base.missed_reactions IS 'member: reactions that failed, to be tried again';

CREATE TABLE base.outbox (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    body jsonb NOT NULL,
    announced_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE base.outbox IS 'member: facts announced and not yet worked off';

CREATE VIEW base.wall AS
 SELECT COALESCE(current_setting('headwater.wall'::text, true), ''::text) AS kind,
    (NULLIF(current_setting('headwater.member'::text, true), ''::text))::uuid AS member_id,
    COALESCE((NULLIF(current_setting('headwater.brands'::text, true), ''::text))::uuid[], '{}'::uuid[]) AS brand_ids,
    COALESCE((NULLIF(current_setting('headwater.regions'::text, true), ''::text))::uuid[], '{}'::uuid[]) AS region_ids,
    COALESCE((NULLIF(current_setting('headwater.stores'::text, true), ''::text))::uuid[], '{}'::uuid[]) AS store_ids;

CREATE TABLE books.transfers (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    debit_account text NOT NULL,
    credit_account text NOT NULL,
    amount_fen bigint NOT NULL,
    business_key text NOT NULL,
    member_id uuid,
    booked_at timestamp with time zone NOT NULL,
    CONSTRAINT transfers_amount_fen_check CHECK ((amount_fen > 0)),
    CONSTRAINT transfers_check CHECK ((debit_account <> credit_account))
);

COMMENT ON TABLE books.transfers IS 'member: every movement of money, once';

CREATE TABLE catalog.barcodes (
    barcode text NOT NULL,
    variant_id uuid NOT NULL
);

COMMENT ON TABLE catalog.barcodes IS 'reference: what a camera reads';

CREATE TABLE catalog.categories (
    id uuid NOT NULL,
    department_id uuid NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL
);

COMMENT ON TABLE catalog.categories IS 'reference: the second level of the shelf';

CREATE TABLE catalog.departments (
    id uuid NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    rank integer DEFAULT 0 NOT NULL
);

COMMENT ON TABLE catalog.departments IS 'reference: the first level of the shelf';

CREATE TABLE catalog.pictures (
    subject_id uuid NOT NULL,
    subject text NOT NULL,
    small text NOT NULL,
    medium text NOT NULL,
    large text NOT NULL,
    added_by uuid NOT NULL,
    added_at timestamp with time zone NOT NULL,
    CONSTRAINT pictures_subject_check CHECK ((subject = ANY (ARRAY['product'::text, 'brand'::text])))
);

COMMENT ON TABLE catalog.pictures IS 'reference: the pictures of products, and of brands';

CREATE TABLE catalog.products (
    id uuid NOT NULL,
    external_id text NOT NULL,
    brand_id uuid NOT NULL,
    category_id uuid NOT NULL,
    title_zh text NOT NULL,
    title_en text NOT NULL,
    maker text DEFAULT ''::text NOT NULL,
    is_own_brand boolean DEFAULT false NOT NULL,
    size_label text DEFAULT ''::text NOT NULL,
    terms text[] DEFAULT '{}'::text[] NOT NULL,
    popularity integer DEFAULT 0 NOT NULL,
    is_listed boolean DEFAULT true NOT NULL
);

COMMENT ON TABLE catalog.products IS 'reference: what a shopper thinks of as one thing (SPU)';

CREATE TABLE catalog.variants (
    id uuid NOT NULL,
    product_id uuid NOT NULL,
    item_number text NOT NULL,
    spec_zh text DEFAULT ''::text NOT NULL,
    spec_en text DEFAULT ''::text NOT NULL,
    is_weighed boolean DEFAULT false NOT NULL
);

COMMENT ON TABLE catalog.variants IS 'reference: what is on the shelf and in the cart (SKU)';

CREATE TABLE connect.audiences (
    key text NOT NULL,
    audience_id bigint,
    made_at timestamp with time zone,
    leased_until timestamp with time zone NOT NULL,
    CONSTRAINT audiences_check CHECK (((audience_id IS NULL) = (made_at IS NULL)))
);

COMMENT ON TABLE connect.audiences IS 'reference: audiences at the ads platform, and of what';

CREATE TABLE connect.authorisations (
    bucket smallint NOT NULL,
    person bytea NOT NULL,
    template_id text NOT NULL,
    authorised integer NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT authorisations_authorised_check CHECK ((authorised >= 0))
);

COMMENT ON TABLE connect.authorisations IS 'lookup: subscription messages that may still be sent';

CREATE TABLE connect.heard (
    bucket smallint NOT NULL,
    channel text NOT NULL,
    digest bytea NOT NULL,
    heard_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE connect.heard IS 'lookup: which pushes and notices came before, under their hash';

CREATE TABLE connect.processes (
    id uuid NOT NULL,
    seen_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE connect.processes IS 'reference: processes that call the outside, when last seen';

CREATE TABLE connect.tokens (
    name text NOT NULL,
    version integer DEFAULT 0 NOT NULL,
    sealed bytea,
    issued_at timestamp with time zone,
    fresh_until timestamp with time zone,
    ends_at timestamp with time zone,
    refreshing_until timestamp with time zone,
    refreshing_by uuid,
    forced_on date,
    forced_count integer DEFAULT 0 NOT NULL,
    forced_at timestamp with time zone,
    CONSTRAINT tokens_check CHECK (((sealed IS NULL) = (ends_at IS NULL))),
    CONSTRAINT tokens_check1 CHECK (((sealed IS NULL) = (fresh_until IS NULL))),
    CONSTRAINT tokens_check2 CHECK (((refreshing_until IS NULL) = (refreshing_by IS NULL)))
);

COMMENT ON TABLE connect.tokens IS 'reference: each credential''s token, sealed, and who renews it';

CREATE TABLE connect.told_purchases (
    set_id bigint NOT NULL,
    since_at timestamp with time zone NOT NULL,
    begun_by uuid NOT NULL,
    until_at timestamp with time zone,
    ended_by uuid,
    CONSTRAINT told_purchases_check CHECK (((until_at IS NULL) = (ended_by IS NULL)))
);

COMMENT ON TABLE connect.told_purchases IS 'reference: when purchases are told to the ads platform';

CREATE TABLE connect.windows (
    bucket smallint NOT NULL,
    person bytea NOT NULL,
    words_at timestamp with time zone,
    menu_at timestamp with time zone,
    followed_at timestamp with time zone,
    scanned_at timestamp with time zone,
    sent_at timestamp with time zone[] DEFAULT '{}'::timestamp with time zone[] NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE connect.windows IS 'lookup: windows for free messages, and what was said in them';

CREATE TABLE deals.flash_claims (
    bucket smallint NOT NULL,
    sale_id uuid NOT NULL,
    member_id uuid NOT NULL,
    order_id uuid NOT NULL,
    quantity integer NOT NULL,
    claimed_at timestamp with time zone NOT NULL,
    CONSTRAINT flash_claims_quantity_check CHECK ((quantity > 0))
);

COMMENT ON TABLE deals.flash_claims IS 'member: who took part in a flash sale';

CREATE TABLE deals.flash_sales (
    id uuid NOT NULL,
    store_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    label_zh text NOT NULL,
    label_en text NOT NULL,
    price_fen bigint NOT NULL,
    each_most integer NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    CONSTRAINT flash_sales_check CHECK ((starts_at < ends_at)),
    CONSTRAINT flash_sales_each_most_check CHECK ((each_most > 0)),
    CONSTRAINT flash_sales_price_fen_check CHECK ((price_fen > 0))
);

COMMENT ON TABLE deals.flash_sales IS 'reference: a price for a while, so many to a person';

CREATE TABLE gate.budgets (
    channel text NOT NULL,
    period text NOT NULL,
    length integer NOT NULL,
    most integer NOT NULL,
    source text NOT NULL,
    dated date NOT NULL,
    CONSTRAINT budgets_length_check CHECK ((length > 0)),
    CONSTRAINT budgets_most_check CHECK ((most > 0)),
    CONSTRAINT budgets_period_check CHECK ((period = ANY (ARRAY['days'::text, 'month'::text])))
);

COMMENT ON TABLE gate.budgets IS 'reference: how much a member may get, with its source and date';

CREATE TABLE gate.channels (
    channel text NOT NULL,
    identity_kind text NOT NULL,
    app_id text NOT NULL,
    since_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE gate.channels IS 'reference: the ways out that this installation has';

CREATE TABLE gate.messages (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    channel text NOT NULL,
    purpose text NOT NULL,
    brand_id uuid,
    campaign_id uuid,
    experiment_id uuid,
    content jsonb NOT NULL,
    state text NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    due_at timestamp with time zone,
    ends_at timestamp with time zone,
    planned_at timestamp with time zone NOT NULL,
    claimed_at timestamp with time zone,
    sent_at timestamp with time zone,
    provider_no text,
    opened_at timestamp with time zone,
    CONSTRAINT messages_check CHECK (((state = 'past'::text) OR (brand_id IS NOT NULL))),
    CONSTRAINT messages_purpose_check CHECK ((purpose = ANY (ARRAY['service'::text, 'marketing'::text]))),
    CONSTRAINT messages_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'later'::text, 'refused'::text, 'sending'::text, 'sent'::text, 'unsure'::text, 'failed'::text, 'past'::text])))
);

COMMENT ON TABLE gate.messages IS 'member: every touch planned, sent or refused, with its reason';

CREATE TABLE gate.pressure (
    bucket smallint NOT NULL,
    member_id uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE gate.pressure IS 'member: when somebody last planned to speak to them';

CREATE TABLE gate.quiet_hours (
    purpose text NOT NULL,
    from_hour smallint NOT NULL,
    until_hour smallint NOT NULL,
    source text NOT NULL,
    dated date NOT NULL,
    CONSTRAINT quiet_hours_from_hour_check CHECK (((from_hour >= 0) AND (from_hour <= 23))),
    CONSTRAINT quiet_hours_until_hour_check CHECK (((until_hour >= 0) AND (until_hour <= 23)))
);

COMMENT ON TABLE gate.quiet_hours IS 'reference: when messages wait for the morning';

CREATE TABLE guides.commissions (
    bucket smallint NOT NULL,
    order_id uuid NOT NULL,
    guide_id uuid NOT NULL,
    store_id uuid NOT NULL,
    member_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    clawed_fen bigint DEFAULT 0 NOT NULL,
    state text NOT NULL,
    due_at timestamp with time zone,
    accrued_at timestamp with time zone NOT NULL,
    CONSTRAINT commissions_amount_fen_check CHECK ((amount_fen >= 0)),
    CONSTRAINT commissions_check CHECK (((clawed_fen >= 0) AND (clawed_fen <= amount_fen))),
    CONSTRAINT commissions_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'frozen'::text, 'payable'::text, 'paid'::text, 'clawed_back'::text])))
);

COMMENT ON TABLE guides.commissions IS 'member: money that follows credit';

CREATE TABLE guides.credits (
    bucket smallint NOT NULL,
    order_id uuid NOT NULL,
    line_no smallint NOT NULL,
    guide_id uuid NOT NULL,
    store_id uuid NOT NULL,
    member_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    quantity integer NOT NULL,
    order_number text NOT NULL,
    credit_fen bigint NOT NULL,
    reversed_fen bigint DEFAULT 0 NOT NULL,
    reason text NOT NULL,
    basis_at timestamp with time zone NOT NULL,
    share_code text,
    policy_version integer NOT NULL,
    decided_at timestamp with time zone NOT NULL,
    CONSTRAINT credits_check CHECK (((reversed_fen >= 0) AND (reversed_fen <= credit_fen))),
    CONSTRAINT credits_credit_fen_check CHECK ((credit_fen >= 0)),
    CONSTRAINT credits_reason_check CHECK ((reason = ANY (ARRAY['share'::text, 'relation'::text])))
);

COMMENT ON TABLE guides.credits IS 'member: whose work a line was, and why';

CREATE TABLE guides.policies (
    version integer NOT NULL,
    from_at timestamp with time zone NOT NULL,
    touch_days integer NOT NULL,
    protect_days integer NOT NULL,
    precedence text NOT NULL,
    rate_per_10_000 integer NOT NULL,
    freeze_days integer NOT NULL,
    self_purchase boolean NOT NULL,
    CONSTRAINT policies_freeze_days_check CHECK ((freeze_days >= 0)),
    CONSTRAINT policies_precedence_check CHECK ((precedence = ANY (ARRAY['share_first'::text, 'relation_first'::text]))),
    CONSTRAINT policies_protect_days_check CHECK ((protect_days >= 0)),
    CONSTRAINT policies_rate_per_10_000_check CHECK (((rate_per_10_000 >= 0) AND (rate_per_10_000 <= 3000))),
    CONSTRAINT policies_touch_days_check CHECK ((touch_days > 0))
);

COMMENT ON TABLE guides.policies IS 'reference: the dated rules of credit and commission';

CREATE TABLE guides.relations (
    bucket smallint NOT NULL,
    member_id uuid NOT NULL,
    guide_id uuid NOT NULL,
    store_id uuid NOT NULL,
    source text NOT NULL,
    since_at timestamp with time zone NOT NULL,
    protected_until timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE guides.relations IS 'member: guide and member know each other';

CREATE TABLE guides.shares (
    code text NOT NULL,
    guide_id uuid NOT NULL,
    store_id uuid NOT NULL,
    product_id uuid,
    scene text NOT NULL,
    shared_at timestamp with time zone NOT NULL,
    CONSTRAINT shares_scene_check CHECK ((scene = ANY (ARRAY['link'::text, 'code'::text, 'poster'::text, 'moments'::text, 'chat'::text])))
);

COMMENT ON TABLE guides.shares IS 'reference: a guide''s link, card, code or poster';

CREATE TABLE guides.touches (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    share_code text NOT NULL,
    guide_id uuid NOT NULL,
    store_id uuid NOT NULL,
    touched_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE guides.touches IS 'member: a share was opened; a visitor''s id until login';

CREATE TABLE increment.arms (
    bucket smallint NOT NULL,
    experiment_id uuid NOT NULL,
    member_id uuid NOT NULL,
    arm text NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    CONSTRAINT arms_arm_check CHECK ((arm = ANY (ARRAY['holdout'::text, 'treated'::text])))
);

COMMENT ON TABLE increment.arms IS 'member: who was drawn into which arm, before any exposure';

CREATE TABLE increment.books (
    bucket smallint NOT NULL,
    experiment_id uuid NOT NULL,
    member_id uuid NOT NULL,
    guide_id uuid NOT NULL,
    store_id uuid NOT NULL,
    region_id uuid NOT NULL
);

COMMENT ON TABLE increment.books IS 'member: whose customer a member was when guides were asked about';

CREATE TABLE increment.experiments (
    id uuid NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    unit text DEFAULT 'member'::text NOT NULL,
    about_id uuid,
    brand_id uuid NOT NULL,
    epoch integer DEFAULT 1 NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    salt text NOT NULL,
    holdout_share numeric NOT NULL,
    window_days integer NOT NULL,
    metric text NOT NULL,
    plan jsonb NOT NULL,
    launched_at timestamp with time zone NOT NULL,
    window_ends_at timestamp with time zone NOT NULL,
    drawn_count integer DEFAULT 0 NOT NULL,
    ended_at timestamp with time zone,
    washout_until timestamp with time zone,
    CONSTRAINT experiments_epoch_check CHECK ((epoch > 0)),
    CONSTRAINT experiments_holdout_share_check CHECK (((holdout_share > (0)::numeric) AND (holdout_share < (1)::numeric))),
    CONSTRAINT experiments_kind_check CHECK ((kind = ANY (ARRAY['program'::text, 'campaign'::text, 'journey'::text, 'guide'::text, 'store'::text, 'wave'::text]))),
    CONSTRAINT experiments_unit_check CHECK ((unit = ANY (ARRAY['member'::text, 'guide'::text, 'store'::text]))),
    CONSTRAINT experiments_window_days_check CHECK ((window_days > 0))
);

COMMENT ON TABLE increment.experiments IS 'reference: a question put before the answer is known';

CREATE TABLE increment.exposures (
    bucket smallint NOT NULL,
    experiment_id uuid NOT NULL,
    member_id uuid NOT NULL,
    channel text NOT NULL,
    exposed_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE increment.exposures IS 'member: who was first reached, when and on which channel';

CREATE TABLE increment.interventions (
    id uuid NOT NULL,
    rollout_id uuid NOT NULL,
    since_on date NOT NULL,
    until_on date NOT NULL,
    units text[] NOT NULL,
    note text NOT NULL,
    experiment_id uuid,
    added_at timestamp with time zone NOT NULL,
    added_by uuid,
    CONSTRAINT interventions_check CHECK ((until_on >= since_on))
);

COMMENT ON TABLE increment.interventions IS 'reference: weeks in which something else was done';

CREATE TABLE increment.merges (
    bucket smallint NOT NULL,
    experiment_id uuid NOT NULL,
    member_id uuid NOT NULL,
    gone_member_id uuid NOT NULL,
    kept_arm text NOT NULL,
    own_arm text,
    gone_arm text NOT NULL,
    merged_at timestamp with time zone NOT NULL,
    CONSTRAINT merges_gone_arm_check CHECK ((gone_arm = ANY (ARRAY['holdout'::text, 'treated'::text]))),
    CONSTRAINT merges_kept_arm_check CHECK ((kept_arm = ANY (ARRAY['holdout'::text, 'treated'::text]))),
    CONSTRAINT merges_own_arm_check CHECK ((own_arm = ANY (ARRAY['holdout'::text, 'treated'::text])))
);

COMMENT ON TABLE increment.merges IS 'member: append-only log of arms kept when two ids became one';

CREATE TABLE increment.readings (
    id uuid NOT NULL,
    place integer NOT NULL,
    experiment_id uuid NOT NULL,
    entry text NOT NULL,
    state text NOT NULL,
    why text NOT NULL,
    look_no integer,
    alpha_spent double precision,
    standard_error double precision,
    p double precision,
    estimate_fen bigint,
    low_fen bigint,
    high_fen bigint,
    lift_share double precision,
    lift_low_share double precision,
    lift_high_share double precision,
    treated_count integer NOT NULL,
    holdout_count integer NOT NULL,
    details jsonb NOT NULL,
    method text NOT NULL,
    code_version text NOT NULL,
    true_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone NOT NULL,
    previous_hash bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT readings_entry_check CHECK ((entry = ANY (ARRAY['plan'::text, 'reading'::text, 'total'::text, 'guides'::text]))),
    CONSTRAINT readings_look_no_check CHECK ((look_no > 0)),
    CONSTRAINT readings_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'proven'::text, 'not_enough'::text, 'none_seen'::text, 'harmful'::text, 'not_readable'::text, 'open'::text])))
);

COMMENT ON TABLE increment.readings IS 'reference: the ledger of increment, append-only, chained';

CREATE TABLE increment.rollout_stores (
    rollout_id uuid NOT NULL,
    store_id uuid NOT NULL,
    unit text NOT NULL,
    role text NOT NULL,
    wave integer,
    starts_on date,
    CONSTRAINT rollout_stores_check CHECK (((wave IS NULL) = (starts_on IS NULL))),
    CONSTRAINT rollout_stores_role_check CHECK ((role = ANY (ARRAY['drawn'::text, 'forced'::text, 'forbidden'::text, 'contaminated'::text, 'picked'::text, 'compared'::text]))),
    CONSTRAINT rollout_stores_wave_check CHECK ((wave > 0))
);

COMMENT ON TABLE increment.rollout_stores IS 'reference: which store starts in which wave, or not';

CREATE TABLE increment.rollouts (
    id uuid NOT NULL,
    code text NOT NULL,
    brand_id uuid NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    choice text NOT NULL,
    state text NOT NULL,
    salt text NOT NULL,
    plan jsonb NOT NULL,
    fingerprint text,
    strata text NOT NULL,
    starts_on date NOT NULL,
    wave_weeks integer NOT NULL,
    wave_sizes integer[] NOT NULL,
    history_hash text NOT NULL,
    planned_at timestamp with time zone NOT NULL,
    planned_by uuid,
    launched_at timestamp with time zone,
    launched_by uuid,
    stopped_at timestamp with time zone,
    stopped_by uuid,
    CONSTRAINT rollouts_check CHECK (((choice = 'drawn'::text) = (fingerprint IS NOT NULL))),
    CONSTRAINT rollouts_check1 CHECK (((state = 'planned'::text) OR (launched_at IS NOT NULL) OR (stopped_at IS NOT NULL))),
    CONSTRAINT rollouts_choice_check CHECK ((choice = ANY (ARRAY['drawn'::text, 'picked'::text]))),
    CONSTRAINT rollouts_starts_on_check CHECK ((EXTRACT(isodow FROM starts_on) = (1)::numeric)),
    CONSTRAINT rollouts_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'launched'::text, 'stopped'::text, 'read'::text]))),
    CONSTRAINT rollouts_strata_check CHECK ((strata = ANY (ARRAY['none'::text, 'city'::text, 'format'::text, 'region'::text]))),
    CONSTRAINT rollouts_wave_weeks_check CHECK ((wave_weeks > 0))
);

COMMENT ON TABLE increment.rollouts IS 'reference: waves of stores, drawn before they start';

CREATE TABLE increment.trials (
    id uuid NOT NULL,
    brand_id uuid NOT NULL,
    tried_at timestamp with time zone NOT NULL,
    from_at timestamp with time zone NOT NULL,
    until_at timestamp with time zone NOT NULL,
    members integer NOT NULL,
    draws integer NOT NULL,
    holdout_share double precision NOT NULL,
    adjusted_share double precision NOT NULL,
    raw_share double precision NOT NULL,
    error double precision NOT NULL,
    CONSTRAINT trials_adjusted_share_check CHECK (((adjusted_share >= (0)::double precision) AND (adjusted_share <= (1)::double precision))),
    CONSTRAINT trials_draws_check CHECK ((draws > 0)),
    CONSTRAINT trials_error_check CHECK ((error > (0)::double precision)),
    CONSTRAINT trials_holdout_share_check CHECK (((holdout_share > (0)::double precision) AND (holdout_share < (1)::double precision))),
    CONSTRAINT trials_members_check CHECK ((members > 0)),
    CONSTRAINT trials_raw_share_check CHECK (((raw_share >= (0)::double precision) AND (raw_share <= (1)::double precision)))
);

COMMENT ON TABLE increment.trials IS 'reference: what intervals claimed where nothing was done';

CREATE TABLE increment.unit_arms (
    experiment_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    arm text NOT NULL,
    assigned_at timestamp with time zone NOT NULL,
    CONSTRAINT unit_arms_arm_check CHECK ((arm = ANY (ARRAY['holdout'::text, 'treated'::text])))
);

COMMENT ON TABLE increment.unit_arms IS 'reference: which guide or store was drawn into which arm';

CREATE TABLE insight.daily_sales (
    store_id uuid NOT NULL,
    day date NOT NULL,
    orders integer NOT NULL,
    units integer NOT NULL,
    paid_fen bigint NOT NULL,
    refunded_fen bigint NOT NULL
);

COMMENT ON TABLE insight.daily_sales IS 'reference: sales by store and day, rebuilt from orders';

CREATE TABLE insight.exports (
    id uuid NOT NULL,
    dataset text NOT NULL,
    day date NOT NULL,
    file text NOT NULL,
    row_count bigint NOT NULL,
    amount_fen bigint NOT NULL,
    sha256 bytea NOT NULL,
    exported_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE insight.exports IS 'reference: which days of which dataset lie in the lake';

CREATE TABLE insight.preferences (
    bucket smallint NOT NULL,
    member_id uuid NOT NULL,
    category_id uuid NOT NULL,
    bought_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE insight.preferences IS 'member: when somebody last bought of a category';

CREATE TABLE members.consents (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    purpose text NOT NULL,
    channel text NOT NULL,
    is_granted boolean NOT NULL,
    text_version text NOT NULL,
    evidence text NOT NULL,
    said_at timestamp with time zone NOT NULL,
    CONSTRAINT consents_purpose_check CHECK ((purpose = ANY (ARRAY['service'::text, 'marketing'::text, 'measurement'::text])))
);

COMMENT ON TABLE members.consents IS 'member: what a person allowed; the latest row counts';

CREATE TABLE members.finders (
    bucket smallint NOT NULL,
    kind text NOT NULL,
    app_id text DEFAULT ''::text NOT NULL,
    value_index bytea NOT NULL,
    member_id uuid NOT NULL
);

COMMENT ON TABLE members.finders IS 'lookup: from an id''s blind index to its member';

CREATE TABLE members.identities (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    kind text NOT NULL,
    app_id text DEFAULT ''::text NOT NULL,
    value_sealed bytea NOT NULL,
    value_index bytea NOT NULL,
    evidence text NOT NULL,
    linked_at timestamp with time zone NOT NULL,
    unlinked_at timestamp with time zone,
    CONSTRAINT identities_kind_check CHECK ((kind = ANY (ARRAY['phone'::text, 'open_id'::text, 'union_id'::text, 'wecom_external_id'::text, 'card'::text, 'external'::text])))
);

COMMENT ON TABLE members.identities IS 'member: one id of a person, with its evidence';

CREATE TABLE members.members (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    member_no text NOT NULL,
    external_id text,
    name_sealed bytea,
    phone_sealed bytea,
    name_mask text DEFAULT ''::text NOT NULL,
    phone_mask text DEFAULT ''::text NOT NULL,
    level text DEFAULT 'basic'::text NOT NULL,
    home_store_id uuid,
    source text NOT NULL,
    language text DEFAULT 'zh'::text NOT NULL,
    is_demo_label boolean DEFAULT false NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    sessions_from_at timestamp with time zone NOT NULL,
    erased_at timestamp with time zone,
    merged_into uuid,
    CONSTRAINT members_check CHECK (((merged_into IS NULL) OR (erased_at IS NOT NULL)))
);

COMMENT ON TABLE members.members IS 'member: one person';

CREATE TABLE members.merges (
    bucket smallint NOT NULL,
    member_id uuid NOT NULL,
    gone_bucket smallint NOT NULL,
    gone_member_id uuid NOT NULL,
    evidence text NOT NULL,
    merged_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE members.merges IS 'member: which ids became this person, and how we know';

CREATE TABLE members.phone_codes (
    bucket smallint NOT NULL,
    phone_index bytea NOT NULL,
    code_hash bytea NOT NULL,
    tries_left smallint NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE members.phone_codes IS 'lookup: the login code last sent to a phone';

CREATE TABLE pricing.coupons (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    offer_id uuid NOT NULL,
    issued_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    order_id uuid,
    used_at timestamp with time zone,
    source text DEFAULT ''::text NOT NULL
);

COMMENT ON TABLE pricing.coupons IS 'member: a coupon in somebody''s hand, used once';

COMMENT ON COLUMN pricing.coupons.order_id IS 'the order that took it last; used_at says it holds';

CREATE TABLE pricing.offers (
    id uuid NOT NULL,
    brand_id uuid NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    label_zh text NOT NULL,
    label_en text NOT NULL,
    floor_fen bigint NOT NULL,
    off_fen bigint NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone NOT NULL,
    switch_code text,
    CONSTRAINT offers_check CHECK (((switch_code IS NULL) OR (kind = 'threshold'::text))),
    CONSTRAINT offers_check1 CHECK (((off_fen <= floor_fen) OR (floor_fen = 0))),
    CONSTRAINT offers_floor_fen_check CHECK ((floor_fen >= 0)),
    CONSTRAINT offers_kind_check CHECK ((kind = ANY (ARRAY['threshold'::text, 'coupon'::text]))),
    CONSTRAINT offers_off_fen_check CHECK ((off_fen > 0))
);

COMMENT ON TABLE pricing.offers IS 'reference: what changes a price';

CREATE TABLE pricing.price_changes (
    id uuid NOT NULL,
    variant_id uuid NOT NULL,
    place_id uuid NOT NULL,
    price_fen bigint NOT NULL,
    member_price_fen bigint,
    changed_at timestamp with time zone NOT NULL,
    changed_by text NOT NULL
);

COMMENT ON TABLE pricing.price_changes IS 'reference: the history of prices';

CREATE TABLE pricing.prices (
    variant_id uuid NOT NULL,
    place_id uuid NOT NULL,
    price_fen bigint NOT NULL,
    member_price_fen bigint,
    valid_from_at timestamp with time zone NOT NULL,
    CONSTRAINT prices_check CHECK (((member_price_fen >= 0) AND (member_price_fen <= price_fen))),
    CONSTRAINT prices_price_fen_check CHECK ((price_fen >= 0))
);

COMMENT ON TABLE pricing.prices IS 'reference: the price in force';

CREATE TABLE pricing.switches (
    code text NOT NULL,
    store_id uuid NOT NULL,
    on_at timestamp with time zone NOT NULL,
    off_at timestamp with time zone
);

COMMENT ON TABLE pricing.switches IS 'reference: since when a store gives what is switched';

CREATE TABLE program.programs (
    id uuid NOT NULL,
    code text NOT NULL,
    brand_id uuid NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    starts_on date NOT NULL,
    holdout_share numeric(4,3) NOT NULL,
    window_days integer NOT NULL,
    experiment_id uuid,
    CONSTRAINT programs_holdout_share_check CHECK (((holdout_share > (0)::numeric) AND (holdout_share < (1)::numeric))),
    CONSTRAINT programs_window_days_check CHECK ((window_days > 0))
);

COMMENT ON TABLE program.programs IS 'reference: the CEO''s project';

CREATE TABLE program.scopes (
    id uuid NOT NULL,
    program_id uuid NOT NULL,
    region_id uuid,
    stage text NOT NULL,
    starts_on date NOT NULL,
    CONSTRAINT scopes_stage_check CHECK ((stage = ANY (ARRAY['planned'::text, 'learning'::text, 'running'::text, 'handed_over'::text, 'stopped'::text])))
);

COMMENT ON TABLE program.scopes IS 'reference: where the program runs, and how far it is';

CREATE TABLE program.targets (
    program_id uuid NOT NULL,
    quarter_no integer NOT NULL,
    low_share double precision NOT NULL,
    high_share double precision NOT NULL,
    CONSTRAINT targets_check CHECK ((low_share <= high_share)),
    CONSTRAINT targets_quarter_no_check CHECK ((quarter_no > 0))
);

COMMENT ON TABLE program.targets IS 'reference: what increment a quarter owes';

CREATE TABLE reach.batches (
    campaign_id uuid NOT NULL,
    batch_no integer NOT NULL,
    shares jsonb NOT NULL,
    member_count integer NOT NULL,
    sent_at timestamp with time zone NOT NULL,
    CONSTRAINT batches_batch_no_check CHECK ((batch_no > 0)),
    CONSTRAINT batches_member_count_check CHECK ((member_count >= 0))
);

COMMENT ON TABLE reach.batches IS 'reference: one sending of a campaign of several contents';

CREATE TABLE reach.campaigns (
    id uuid NOT NULL,
    brand_id uuid NOT NULL,
    external_id text,
    kind text NOT NULL,
    name text NOT NULL,
    segment_id uuid,
    experiment_id uuid,
    channel text NOT NULL,
    content jsonb NOT NULL,
    other_contents jsonb DEFAULT '[]'::jsonb NOT NULL,
    batch_count integer DEFAULT 1 NOT NULL,
    batch_days integer DEFAULT 3 NOT NULL,
    uniform_share double precision DEFAULT 0.15 NOT NULL,
    floor_share double precision DEFAULT 0.05 NOT NULL,
    offer_id uuid,
    holdout_share numeric DEFAULT 0.1 NOT NULL,
    window_days integer DEFAULT 28 NOT NULL,
    state text NOT NULL,
    why_not text,
    created_by uuid,
    created_at timestamp with time zone NOT NULL,
    launched_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT campaigns_batch_count_check CHECK (((batch_count >= 1) AND (batch_count <= 12))),
    CONSTRAINT campaigns_batch_days_check CHECK (((batch_days >= 1) AND (batch_days <= 28))),
    CONSTRAINT campaigns_floor_share_check CHECK (((floor_share > (0)::double precision) AND (floor_share <= (0.1)::double precision))),
    CONSTRAINT campaigns_holdout_share_check CHECK (((holdout_share >= (0)::numeric) AND (holdout_share < (1)::numeric))),
    CONSTRAINT campaigns_kind_check CHECK ((kind = ANY (ARRAY['recall'::text, 'past'::text]))),
    CONSTRAINT campaigns_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'launching'::text, 'running'::text, 'ended'::text, 'stopped'::text]))),
    CONSTRAINT campaigns_uniform_share_check CHECK (((uniform_share > (0)::double precision) AND (uniform_share <= (1)::double precision)))
);

COMMENT ON TABLE reach.campaigns IS 'reference: a message to a segment';

CREATE TABLE reach.choices (
    bucket smallint NOT NULL,
    campaign_id uuid NOT NULL,
    member_id uuid NOT NULL,
    batch_no integer NOT NULL,
    content_no integer NOT NULL,
    propensity double precision NOT NULL,
    chosen_at timestamp with time zone NOT NULL,
    CONSTRAINT choices_content_no_check CHECK ((content_no > 0)),
    CONSTRAINT choices_propensity_check CHECK (((propensity > (0)::double precision) AND (propensity <= (1)::double precision)))
);

COMMENT ON TABLE reach.choices IS 'member: which content was drawn for whom, and by which chance';

CREATE TABLE reach.segment_members (
    bucket smallint NOT NULL,
    segment_id uuid NOT NULL,
    member_id uuid NOT NULL
);

COMMENT ON TABLE reach.segment_members IS 'member: who is in a segment';

CREATE TABLE reach.segments (
    id uuid NOT NULL,
    brand_id uuid NOT NULL,
    name text NOT NULL,
    rule jsonb NOT NULL,
    member_count integer DEFAULT 0 NOT NULL,
    true_at timestamp with time zone,
    created_by uuid,
    created_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE reach.segments IS 'reference: members by a rule, with the time it is true at';

CREATE TABLE scango.exits (
    bucket smallint NOT NULL,
    order_id uuid NOT NULL,
    store_id uuid NOT NULL,
    staff_id uuid NOT NULL,
    verdict text NOT NULL,
    checked_at timestamp with time zone NOT NULL,
    CONSTRAINT exits_verdict_check CHECK ((verdict = ANY (ARRAY['let_out'::text, 'rescanned'::text, 'stopped'::text])))
);

COMMENT ON TABLE scango.exits IS 'member: a pass lets out once';

CREATE TABLE scango.visits (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    member_id uuid NOT NULL,
    store_id uuid NOT NULL,
    order_id uuid,
    started_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE scango.visits IS 'member: somebody scanning through a store';

CREATE TABLE stock.holds (
    store_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    order_id uuid NOT NULL,
    quantity integer NOT NULL,
    state text NOT NULL,
    held_until timestamp with time zone NOT NULL,
    CONSTRAINT holds_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT holds_state_check CHECK ((state = ANY (ARRAY['held'::text, 'sold'::text, 'released'::text])))
);

COMMENT ON TABLE stock.holds IS 'stock: set aside for an order, until sold or let go';

CREATE TABLE stock.levels (
    store_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    on_hand integer NOT NULL,
    held integer DEFAULT 0 NOT NULL,
    CONSTRAINT levels_check CHECK ((held <= on_hand)),
    CONSTRAINT levels_held_check CHECK ((held >= 0)),
    CONSTRAINT levels_on_hand_check CHECK ((on_hand >= 0))
)
WITH (fillfactor='80');

COMMENT ON TABLE stock.levels IS 'stock: how much of a variant a store has, and has set aside';

CREATE TABLE stock.movements (
    store_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    cause text NOT NULL,
    kind text NOT NULL,
    quantity integer NOT NULL,
    moved_at timestamp with time zone NOT NULL,
    CONSTRAINT movements_kind_check CHECK ((kind = ANY (ARRAY['receive'::text, 'sell'::text, 'return'::text, 'correct'::text, 'transfer'::text]))),
    CONSTRAINT movements_quantity_check CHECK ((quantity <> 0))
);

COMMENT ON TABLE stock.movements IS 'stock: every change of on_hand, each cause once';

CREATE TABLE stores.brands (
    id uuid NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL
);

COMMENT ON TABLE stores.brands IS 'reference: names over doors';

CREATE TABLE stores.grants (
    id uuid NOT NULL,
    staff_id uuid NOT NULL,
    role text NOT NULL,
    scope_kind text NOT NULL,
    scope_id uuid,
    granted_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT grants_check CHECK (((scope_kind = 'company'::text) = (scope_id IS NULL))),
    CONSTRAINT grants_role_check CHECK ((role = ANY (ARRAY['guide'::text, 'store_manager'::text, 'supervisor'::text, 'operator'::text, 'analyst'::text, 'finance'::text, 'admin'::text, 'chief'::text]))),
    CONSTRAINT grants_scope_kind_check CHECK ((scope_kind = ANY (ARRAY['company'::text, 'brand'::text, 'region'::text, 'store'::text])))
);

COMMENT ON TABLE stores.grants IS 'reference: which role somebody has, and where';

CREATE TABLE stores.machines (
    name text NOT NULL,
    key_hash bytea NOT NULL,
    permissions text[] NOT NULL,
    brand_ids uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE stores.machines IS 'reference: systems outside that may ask, and for what';

CREATE TABLE stores.regions (
    id uuid NOT NULL,
    brand_id uuid NOT NULL,
    code text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL
);

COMMENT ON TABLE stores.regions IS 'reference: what a supervisor looks after';

CREATE TABLE stores.staff (
    id uuid NOT NULL,
    login text NOT NULL,
    name text NOT NULL,
    password_hash text,
    wecom_user_id text,
    phone_index bytea,
    store_id uuid,
    is_demo_label boolean DEFAULT false NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    left_at timestamp with time zone
);

COMMENT ON TABLE stores.staff IS 'reference: people who work here';

CREATE TABLE stores.staff_sessions (
    token_hash bytea NOT NULL,
    staff_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone
);

COMMENT ON TABLE stores.staff_sessions IS 'reference: logins of staff that can be ended';

CREATE TABLE stores.stores (
    id uuid NOT NULL,
    brand_id uuid NOT NULL,
    region_id uuid NOT NULL,
    code text NOT NULL,
    kind text NOT NULL,
    name_zh text NOT NULL,
    name_en text NOT NULL,
    city_zh text DEFAULT ''::text NOT NULL,
    city_en text DEFAULT ''::text NOT NULL,
    address_zh text DEFAULT ''::text NOT NULL,
    address_en text DEFAULT ''::text NOT NULL,
    is_demo_label boolean DEFAULT false NOT NULL,
    is_open boolean DEFAULT true NOT NULL,
    CONSTRAINT stores_kind_check CHECK ((kind = ANY (ARRAY['shop'::text, 'warehouse'::text, 'online'::text, 'unit'::text])))
);

COMMENT ON TABLE stores.stores IS 'reference: places with stock and staff';

CREATE VIEW stores.visible AS
 SELECT store.id
   FROM stores.stores store,
    base.wall wall
  WHERE ((wall.kind = 'company'::text) OR (store.brand_id = ANY (wall.brand_ids)) OR (store.region_id = ANY (wall.region_ids)) OR (store.id = ANY (wall.store_ids)));

CREATE TABLE trade.attempts (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    member_id uuid NOT NULL,
    out_trade_no text NOT NULL,
    channel text NOT NULL,
    amount_fen bigint NOT NULL,
    state text NOT NULL,
    prepay_id text,
    code_url text,
    transaction_id text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ask_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT attempts_amount_fen_check CHECK ((amount_fen > 0)),
    CONSTRAINT attempts_channel_check CHECK ((channel = ANY (ARRAY['jsapi'::text, 'native'::text]))),
    CONSTRAINT attempts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'paid'::text, 'closed'::text, 'returned'::text])))
);

COMMENT ON TABLE trade.attempts IS 'member: each try to pay, under its own out_trade_no';

CREATE TABLE trade.cart_lines (
    bucket smallint NOT NULL,
    member_id uuid NOT NULL,
    store_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    quantity integer NOT NULL,
    touch_code text,
    door text NOT NULL,
    added_at timestamp with time zone NOT NULL,
    CONSTRAINT cart_lines_quantity_check CHECK (((quantity >= 1) AND (quantity <= 999)))
);

COMMENT ON TABLE trade.cart_lines IS 'member: one cart over all doors; a visitor''s until login';

CREATE TABLE trade.incidents (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    order_id uuid,
    kind text NOT NULL,
    details jsonb NOT NULL,
    raised_at timestamp with time zone NOT NULL,
    solved_at timestamp with time zone,
    solved_by text
);

COMMENT ON TABLE trade.incidents IS 'member: what a person has to look at';

CREATE TABLE trade.order_lines (
    bucket smallint NOT NULL,
    order_id uuid NOT NULL,
    line_no smallint NOT NULL,
    member_id uuid NOT NULL,
    store_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    quantity integer NOT NULL,
    unit_fen bigint NOT NULL,
    goods_fen bigint NOT NULL,
    discount_fen bigint NOT NULL,
    payable_fen bigint NOT NULL,
    refunded_fen bigint DEFAULT 0 NOT NULL,
    refunded_quantity integer DEFAULT 0 NOT NULL,
    parts jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT order_lines_check CHECK ((payable_fen = (goods_fen - discount_fen))),
    CONSTRAINT order_lines_check1 CHECK (((refunded_fen >= 0) AND (refunded_fen <= payable_fen))),
    CONSTRAINT order_lines_check2 CHECK (((refunded_quantity >= 0) AND (refunded_quantity <= quantity))),
    CONSTRAINT order_lines_discount_fen_check CHECK ((discount_fen >= 0)),
    CONSTRAINT order_lines_goods_fen_check CHECK ((goods_fen >= 0)),
    CONSTRAINT order_lines_quantity_check CHECK ((quantity > 0)),
    CONSTRAINT order_lines_unit_fen_check CHECK ((unit_fen >= 0))
);

COMMENT ON TABLE trade.order_lines IS 'member: what was bought, every fen of its price explained';

CREATE TABLE trade.order_log (
    bucket smallint NOT NULL,
    order_id uuid NOT NULL,
    id uuid NOT NULL,
    from_state text,
    to_state text NOT NULL,
    why text NOT NULL,
    by_whom text NOT NULL,
    logged_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE trade.order_log IS 'member: each change of an order''s state, and why';

CREATE TABLE trade.orders (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    number text NOT NULL,
    member_id uuid NOT NULL,
    store_id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    door text NOT NULL,
    fulfilment text NOT NULL,
    touch_code text,
    goods_fen bigint NOT NULL,
    discount_fen bigint NOT NULL,
    payable_fen bigint NOT NULL,
    refunded_fen bigint DEFAULT 0 NOT NULL,
    external_id text,
    placed_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone,
    close_at timestamp with time zone,
    paid_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT orders_check CHECK ((payable_fen = (goods_fen - discount_fen))),
    CONSTRAINT orders_check1 CHECK (((refunded_fen >= 0) AND (refunded_fen <= payable_fen))),
    CONSTRAINT orders_discount_fen_check CHECK ((discount_fen >= 0)),
    CONSTRAINT orders_fulfilment_check CHECK ((fulfilment = ANY (ARRAY['pickup'::text, 'delivery'::text, 'carried'::text]))),
    CONSTRAINT orders_goods_fen_check CHECK ((goods_fen >= 0)),
    CONSTRAINT orders_kind_check CHECK ((kind = ANY (ARRAY['normal'::text, 'scan_and_go'::text, 'group'::text, 'flash'::text, 'drop'::text, 'store'::text]))),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['placed'::text, 'paid'::text, 'handed_over'::text, 'closed'::text, 'refunded'::text])))
);

COMMENT ON TABLE trade.orders IS 'member: an order; it exists before its payment';

CREATE TABLE trade.payables (
    bucket smallint NOT NULL,
    order_id uuid NOT NULL,
    member_id uuid NOT NULL,
    amount_fen bigint NOT NULL,
    paid_fen bigint DEFAULT 0 NOT NULL,
    refunded_fen bigint DEFAULT 0 NOT NULL,
    CONSTRAINT payables_amount_fen_check CHECK ((amount_fen >= 0)),
    CONSTRAINT payables_check CHECK (((paid_fen = 0) OR (paid_fen = amount_fen))),
    CONSTRAINT payables_check1 CHECK (((refunded_fen >= 0) AND (refunded_fen <= paid_fen)))
);

COMMENT ON TABLE trade.payables IS 'member: what is owed for an order';

CREATE TABLE trade.payment_events (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    event_key text NOT NULL,
    out_trade_no text NOT NULL,
    kind text NOT NULL,
    amount_fen bigint NOT NULL,
    provider_no text NOT NULL,
    outcome text NOT NULL,
    body jsonb NOT NULL,
    received_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE trade.payment_events IS 'member: what the provider said, append-only';

CREATE TABLE trade.refund_lines (
    bucket smallint NOT NULL,
    refund_id uuid NOT NULL,
    line_no smallint NOT NULL,
    quantity integer NOT NULL,
    amount_fen bigint NOT NULL,
    CONSTRAINT refund_lines_amount_fen_check CHECK ((amount_fen >= 0)),
    CONSTRAINT refund_lines_quantity_check CHECK ((quantity >= 0))
);

COMMENT ON TABLE trade.refund_lines IS 'member: what of each line goes back';

CREATE TABLE trade.refunds (
    bucket smallint NOT NULL,
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    attempt_id uuid NOT NULL,
    member_id uuid NOT NULL,
    store_id uuid NOT NULL,
    out_refund_no text NOT NULL,
    amount_fen bigint NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    takes_back boolean NOT NULL,
    ask_at timestamp with time zone,
    owed_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT refunds_amount_fen_check CHECK ((amount_fen > 0)),
    CONSTRAINT refunds_state_check CHECK ((state = ANY (ARRAY['owed'::text, 'asked'::text, 'done'::text, 'stuck'::text])))
);

COMMENT ON TABLE trade.refunds IS 'member: money on its way back';

ALTER TABLE ONLY base.clocks
    ADD CONSTRAINT clocks_pkey PRIMARY KEY (name);

ALTER TABLE ONLY base.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY base.limits
    ADD CONSTRAINT limits_pkey PRIMARY KEY (key, window_start);

ALTER TABLE ONLY base.migrations
    ADD CONSTRAINT migrations_pkey PRIMARY KEY (number);

ALTER TABLE ONLY base.missed_reactions
    ADD CONSTRAINT missed_reactions_pkey PRIMARY KEY (bucket, fact_id, reaction);

ALTER TABLE ONLY base.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY books.transfers
    ADD CONSTRAINT transfers_bucket_business_key_key UNIQUE (bucket, business_key);

ALTER TABLE ONLY books.transfers
    ADD CONSTRAINT transfers_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY catalog.barcodes
    ADD CONSTRAINT barcodes_pkey PRIMARY KEY (barcode);

ALTER TABLE ONLY catalog.categories
    ADD CONSTRAINT categories_code_key UNIQUE (code);

ALTER TABLE ONLY catalog.categories
    ADD CONSTRAINT categories_pkey PRIMARY KEY (id);

ALTER TABLE ONLY catalog.departments
    ADD CONSTRAINT departments_code_key UNIQUE (code);

ALTER TABLE ONLY catalog.departments
    ADD CONSTRAINT departments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY catalog.pictures
    ADD CONSTRAINT pictures_pkey PRIMARY KEY (subject_id);

ALTER TABLE ONLY catalog.products
    ADD CONSTRAINT products_external_id_key UNIQUE (external_id);

ALTER TABLE ONLY catalog.products
    ADD CONSTRAINT products_pkey PRIMARY KEY (id);

ALTER TABLE ONLY catalog.variants
    ADD CONSTRAINT variants_item_number_key UNIQUE (item_number);

ALTER TABLE ONLY catalog.variants
    ADD CONSTRAINT variants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY connect.audiences
    ADD CONSTRAINT audiences_pkey PRIMARY KEY (key);

ALTER TABLE ONLY connect.authorisations
    ADD CONSTRAINT authorisations_pkey PRIMARY KEY (bucket, person, template_id);

ALTER TABLE ONLY connect.heard
    ADD CONSTRAINT heard_pkey PRIMARY KEY (bucket, channel, digest);

ALTER TABLE ONLY connect.processes
    ADD CONSTRAINT processes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY connect.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (name);

ALTER TABLE ONLY connect.told_purchases
    ADD CONSTRAINT told_purchases_pkey PRIMARY KEY (set_id, since_at);

ALTER TABLE ONLY connect.windows
    ADD CONSTRAINT windows_pkey PRIMARY KEY (bucket, person);

ALTER TABLE ONLY deals.flash_claims
    ADD CONSTRAINT flash_claims_pkey PRIMARY KEY (bucket, sale_id, member_id);

ALTER TABLE ONLY deals.flash_sales
    ADD CONSTRAINT flash_sales_pkey PRIMARY KEY (id);

ALTER TABLE ONLY gate.budgets
    ADD CONSTRAINT budgets_pkey PRIMARY KEY (channel, period, length);

ALTER TABLE ONLY gate.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (channel);

ALTER TABLE ONLY gate.messages
    ADD CONSTRAINT messages_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY gate.pressure
    ADD CONSTRAINT pressure_pkey PRIMARY KEY (bucket, member_id);

ALTER TABLE ONLY gate.quiet_hours
    ADD CONSTRAINT quiet_hours_pkey PRIMARY KEY (purpose);

ALTER TABLE ONLY guides.commissions
    ADD CONSTRAINT commissions_pkey PRIMARY KEY (bucket, order_id, guide_id);

ALTER TABLE ONLY guides.credits
    ADD CONSTRAINT credits_pkey PRIMARY KEY (bucket, order_id, line_no, guide_id);

ALTER TABLE ONLY guides.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (version);

ALTER TABLE ONLY guides.relations
    ADD CONSTRAINT relations_pkey PRIMARY KEY (bucket, member_id, guide_id, since_at);

ALTER TABLE ONLY guides.shares
    ADD CONSTRAINT shares_pkey PRIMARY KEY (code);

ALTER TABLE ONLY guides.touches
    ADD CONSTRAINT touches_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY increment.arms
    ADD CONSTRAINT arms_pkey PRIMARY KEY (bucket, experiment_id, member_id);

ALTER TABLE ONLY increment.books
    ADD CONSTRAINT books_pkey PRIMARY KEY (bucket, experiment_id, member_id);

ALTER TABLE ONLY increment.experiments
    ADD CONSTRAINT experiments_code_key UNIQUE (code);

ALTER TABLE ONLY increment.experiments
    ADD CONSTRAINT experiments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY increment.exposures
    ADD CONSTRAINT exposures_pkey PRIMARY KEY (bucket, experiment_id, member_id, channel);

ALTER TABLE ONLY increment.interventions
    ADD CONSTRAINT interventions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY increment.merges
    ADD CONSTRAINT merges_pkey PRIMARY KEY (bucket, experiment_id, member_id, gone_member_id);

ALTER TABLE ONLY increment.readings
    ADD CONSTRAINT readings_hash_key UNIQUE (hash);

ALTER TABLE ONLY increment.readings
    ADD CONSTRAINT readings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY increment.readings
    ADD CONSTRAINT readings_place_key UNIQUE (place);

ALTER TABLE ONLY increment.readings
    ADD CONSTRAINT readings_previous_hash_key UNIQUE (previous_hash);

ALTER TABLE ONLY increment.rollout_stores
    ADD CONSTRAINT rollout_stores_pkey PRIMARY KEY (rollout_id, store_id);

ALTER TABLE ONLY increment.rollout_stores
    ADD CONSTRAINT rollout_stores_rollout_id_unit_key UNIQUE (rollout_id, unit);

ALTER TABLE ONLY increment.rollouts
    ADD CONSTRAINT rollouts_code_key UNIQUE (code);

ALTER TABLE ONLY increment.rollouts
    ADD CONSTRAINT rollouts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY increment.trials
    ADD CONSTRAINT trials_pkey PRIMARY KEY (id);

ALTER TABLE ONLY increment.unit_arms
    ADD CONSTRAINT unit_arms_pkey PRIMARY KEY (experiment_id, unit_id);

ALTER TABLE ONLY insight.daily_sales
    ADD CONSTRAINT daily_sales_pkey PRIMARY KEY (store_id, day);

ALTER TABLE ONLY insight.exports
    ADD CONSTRAINT exports_dataset_day_key UNIQUE (dataset, day);

ALTER TABLE ONLY insight.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY insight.preferences
    ADD CONSTRAINT preferences_pkey PRIMARY KEY (bucket, member_id, category_id);

ALTER TABLE ONLY members.consents
    ADD CONSTRAINT consents_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY members.finders
    ADD CONSTRAINT finders_pkey PRIMARY KEY (bucket, kind, app_id, value_index);

ALTER TABLE ONLY members.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY members.members
    ADD CONSTRAINT members_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY members.merges
    ADD CONSTRAINT merges_pkey PRIMARY KEY (bucket, member_id, gone_member_id);

ALTER TABLE ONLY members.phone_codes
    ADD CONSTRAINT phone_codes_pkey PRIMARY KEY (bucket, phone_index);

ALTER TABLE ONLY pricing.coupons
    ADD CONSTRAINT coupons_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY pricing.offers
    ADD CONSTRAINT offers_code_key UNIQUE (code);

ALTER TABLE ONLY pricing.offers
    ADD CONSTRAINT offers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY pricing.price_changes
    ADD CONSTRAINT price_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY pricing.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (variant_id, place_id);

ALTER TABLE ONLY pricing.switches
    ADD CONSTRAINT switches_pkey PRIMARY KEY (code, store_id);

ALTER TABLE ONLY program.programs
    ADD CONSTRAINT programs_code_key UNIQUE (code);

ALTER TABLE ONLY program.programs
    ADD CONSTRAINT programs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY program.scopes
    ADD CONSTRAINT scopes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY program.targets
    ADD CONSTRAINT targets_pkey PRIMARY KEY (program_id, quarter_no);

ALTER TABLE ONLY reach.batches
    ADD CONSTRAINT batches_pkey PRIMARY KEY (campaign_id, batch_no);

ALTER TABLE ONLY reach.campaigns
    ADD CONSTRAINT campaigns_external_id_key UNIQUE (external_id);

ALTER TABLE ONLY reach.campaigns
    ADD CONSTRAINT campaigns_pkey PRIMARY KEY (id);

ALTER TABLE ONLY reach.choices
    ADD CONSTRAINT choices_pkey PRIMARY KEY (bucket, campaign_id, member_id);

ALTER TABLE ONLY reach.segment_members
    ADD CONSTRAINT segment_members_pkey PRIMARY KEY (bucket, segment_id, member_id);

ALTER TABLE ONLY reach.segments
    ADD CONSTRAINT segments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY scango.exits
    ADD CONSTRAINT exits_pkey PRIMARY KEY (bucket, order_id);

ALTER TABLE ONLY scango.visits
    ADD CONSTRAINT visits_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY stock.holds
    ADD CONSTRAINT holds_pkey PRIMARY KEY (store_id, variant_id, order_id);

ALTER TABLE ONLY stock.levels
    ADD CONSTRAINT levels_pkey PRIMARY KEY (store_id, variant_id);

ALTER TABLE ONLY stock.movements
    ADD CONSTRAINT movements_pkey PRIMARY KEY (store_id, variant_id, cause);

ALTER TABLE ONLY stores.brands
    ADD CONSTRAINT brands_code_key UNIQUE (code);

ALTER TABLE ONLY stores.brands
    ADD CONSTRAINT brands_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stores.grants
    ADD CONSTRAINT grants_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stores.machines
    ADD CONSTRAINT machines_key_hash_key UNIQUE (key_hash);

ALTER TABLE ONLY stores.machines
    ADD CONSTRAINT machines_pkey PRIMARY KEY (name);

ALTER TABLE ONLY stores.regions
    ADD CONSTRAINT regions_code_key UNIQUE (code);

ALTER TABLE ONLY stores.regions
    ADD CONSTRAINT regions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stores.staff
    ADD CONSTRAINT staff_login_key UNIQUE (login);

ALTER TABLE ONLY stores.staff
    ADD CONSTRAINT staff_pkey PRIMARY KEY (id);

ALTER TABLE ONLY stores.staff_sessions
    ADD CONSTRAINT staff_sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY stores.staff
    ADD CONSTRAINT staff_wecom_user_id_key UNIQUE (wecom_user_id);

ALTER TABLE ONLY stores.stores
    ADD CONSTRAINT stores_code_key UNIQUE (code);

ALTER TABLE ONLY stores.stores
    ADD CONSTRAINT stores_pkey PRIMARY KEY (id);

ALTER TABLE ONLY trade.attempts
    ADD CONSTRAINT attempts_bucket_out_trade_no_key UNIQUE (bucket, out_trade_no);

ALTER TABLE ONLY trade.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY trade.cart_lines
    ADD CONSTRAINT cart_lines_pkey PRIMARY KEY (bucket, member_id, store_id, variant_id);

ALTER TABLE ONLY trade.incidents
    ADD CONSTRAINT incidents_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY trade.order_lines
    ADD CONSTRAINT order_lines_pkey PRIMARY KEY (bucket, order_id, line_no);

ALTER TABLE ONLY trade.order_log
    ADD CONSTRAINT order_log_pkey PRIMARY KEY (bucket, order_id, id);

ALTER TABLE ONLY trade.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY trade.payables
    ADD CONSTRAINT payables_pkey PRIMARY KEY (bucket, order_id);

ALTER TABLE ONLY trade.payment_events
    ADD CONSTRAINT payment_events_bucket_event_key_key UNIQUE (bucket, event_key);

ALTER TABLE ONLY trade.payment_events
    ADD CONSTRAINT payment_events_pkey PRIMARY KEY (bucket, id);

ALTER TABLE ONLY trade.refund_lines
    ADD CONSTRAINT refund_lines_pkey PRIMARY KEY (bucket, refund_id, line_no);

ALTER TABLE ONLY trade.refunds
    ADD CONSTRAINT refunds_bucket_out_refund_no_key UNIQUE (bucket, out_refund_no);

ALTER TABLE ONLY trade.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (bucket, id);

CREATE INDEX jobs_due ON base.jobs USING btree (due_at) WHERE (dead_at IS NULL);

CREATE INDEX transfers_credit ON books.transfers USING btree (bucket, credit_account);

CREATE INDEX transfers_debit ON books.transfers USING btree (bucket, debit_account);

CREATE INDEX barcodes_variant ON catalog.barcodes USING btree (variant_id);

CREATE INDEX categories_department ON catalog.categories USING btree (department_id);

CREATE INDEX products_category ON catalog.products USING btree (category_id, popularity DESC);

CREATE INDEX products_popularity ON catalog.products USING btree (popularity DESC);

CREATE INDEX products_terms ON catalog.products USING gin (terms);

CREATE INDEX variants_product ON catalog.variants USING btree (product_id);

CREATE INDEX heard_by_age ON connect.heard USING btree (heard_at);

CREATE UNIQUE INDEX told_purchases_now ON connect.told_purchases USING btree ((true)) WHERE (until_at IS NULL);

CREATE INDEX windows_by_age ON connect.windows USING btree (changed_at);

CREATE INDEX flash_sales_store ON deals.flash_sales USING btree (store_id, ends_at);

CREATE INDEX messages_claimed ON gate.messages USING btree (bucket, claimed_at) WHERE (state = 'sending'::text);

CREATE INDEX messages_due ON gate.messages USING btree (bucket, due_at) WHERE (state = ANY (ARRAY['planned'::text, 'later'::text]));

CREATE INDEX messages_member ON gate.messages USING btree (bucket, member_id, planned_at DESC);

CREATE UNIQUE INDEX messages_once ON gate.messages USING btree (bucket, campaign_id, member_id, channel);

CREATE INDEX commissions_due ON guides.commissions USING btree (bucket, due_at) WHERE (state = 'pending'::text);

CREATE INDEX commissions_guide ON guides.commissions USING btree (bucket, guide_id, accrued_at DESC);

CREATE INDEX credits_guide ON guides.credits USING btree (bucket, guide_id, decided_at DESC);

CREATE UNIQUE INDEX relations_current ON guides.relations USING btree (bucket, member_id) WHERE (ended_at IS NULL);

CREATE INDEX relations_guide ON guides.relations USING btree (bucket, guide_id);

CREATE INDEX shares_guide ON guides.shares USING btree (guide_id, shared_at DESC);

CREATE UNIQUE INDEX shares_once ON guides.shares USING btree (guide_id, store_id, scene, product_id) NULLS NOT DISTINCT;

CREATE INDEX touches_guide ON guides.touches USING btree (bucket, guide_id, share_code);

CREATE INDEX touches_member ON guides.touches USING btree (bucket, member_id, touched_at DESC);

CREATE INDEX arms_member ON increment.arms USING btree (bucket, member_id);

CREATE INDEX interventions_rollout ON increment.interventions USING btree (rollout_id, since_on);

CREATE INDEX readings_experiment ON increment.readings USING btree (experiment_id, place DESC);

CREATE UNIQUE INDEX readings_plan ON increment.readings USING btree (experiment_id) WHERE (entry = 'plan'::text);

CREATE INDEX rollout_stores_store ON increment.rollout_stores USING btree (store_id);

CREATE INDEX rollouts_brand ON increment.rollouts USING btree (brand_id, planned_at DESC);

CREATE INDEX trials_brand ON increment.trials USING btree (brand_id, tried_at DESC);

CREATE INDEX unit_arms_unit ON increment.unit_arms USING btree (unit_id);

CREATE INDEX preferences_category ON insight.preferences USING btree (bucket, category_id, bought_at);

CREATE INDEX consents_member ON members.consents USING btree (bucket, member_id, purpose, channel, said_at DESC);

CREATE INDEX identities_member ON members.identities USING btree (bucket, member_id);

CREATE INDEX members_external ON members.members USING btree (bucket, external_id);

CREATE INDEX members_number ON members.members USING btree (bucket, member_no);

CREATE INDEX members_store ON members.members USING btree (bucket, home_store_id);

CREATE INDEX coupons_member ON pricing.coupons USING btree (bucket, member_id);

CREATE INDEX coupons_order ON pricing.coupons USING btree (bucket, order_id);

CREATE INDEX offers_in_force ON pricing.offers USING btree (brand_id, ends_at);

CREATE INDEX price_changes_variant ON pricing.price_changes USING btree (variant_id, changed_at);

CREATE INDEX visits_member ON scango.visits USING btree (bucket, member_id, started_at DESC);

CREATE UNIQUE INDEX visits_open ON scango.visits USING btree (bucket, member_id, store_id) WHERE (ended_at IS NULL);

CREATE INDEX holds_due ON stock.holds USING btree (held_until) WHERE (state = 'held'::text);

CREATE INDEX holds_order ON stock.holds USING btree (order_id);

CREATE INDEX levels_variant ON stock.levels USING btree (variant_id);

CREATE INDEX grants_staff ON stores.grants USING btree (staff_id);

CREATE INDEX staff_sessions_staff ON stores.staff_sessions USING btree (staff_id);

CREATE INDEX staff_store ON stores.staff USING btree (store_id);

CREATE INDEX stores_brand ON stores.stores USING btree (brand_id);

CREATE INDEX stores_region ON stores.stores USING btree (region_id);

CREATE INDEX attempts_ask ON trade.attempts USING btree (bucket, ask_at) WHERE (state = 'open'::text);

CREATE INDEX attempts_order ON trade.attempts USING btree (bucket, order_id);

CREATE INDEX orders_close ON trade.orders USING btree (bucket, close_at) WHERE (state = 'placed'::text);

CREATE INDEX orders_member ON trade.orders USING btree (bucket, member_id, placed_at DESC);

CREATE INDEX orders_number ON trade.orders USING btree (bucket, number);

CREATE INDEX orders_paid ON trade.orders USING btree (bucket, paid_at) WHERE (paid_at IS NOT NULL);

CREATE INDEX orders_store ON trade.orders USING btree (bucket, store_id, placed_at DESC);

CREATE INDEX refunds_ask ON trade.refunds USING btree (bucket, ask_at) WHERE (state = ANY (ARRAY['owed'::text, 'asked'::text]));

CREATE INDEX refunds_order ON trade.refunds USING btree (bucket, order_id);

CREATE INDEX refunds_stuck ON trade.refunds USING btree (bucket, ask_at) WHERE (state = 'stuck'::text);

ALTER TABLE ONLY catalog.barcodes
    ADD CONSTRAINT barcodes_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES catalog.variants(id);

ALTER TABLE ONLY catalog.categories
    ADD CONSTRAINT categories_department_id_fkey FOREIGN KEY (department_id) REFERENCES catalog.departments(id);

ALTER TABLE ONLY catalog.products
    ADD CONSTRAINT products_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY catalog.products
    ADD CONSTRAINT products_category_id_fkey FOREIGN KEY (category_id) REFERENCES catalog.categories(id);

ALTER TABLE ONLY catalog.variants
    ADD CONSTRAINT variants_product_id_fkey FOREIGN KEY (product_id) REFERENCES catalog.products(id);

ALTER TABLE ONLY deals.flash_claims
    ADD CONSTRAINT flash_claims_sale_id_fkey FOREIGN KEY (sale_id) REFERENCES deals.flash_sales(id);

ALTER TABLE ONLY deals.flash_sales
    ADD CONSTRAINT flash_sales_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY deals.flash_sales
    ADD CONSTRAINT flash_sales_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES catalog.variants(id);

ALTER TABLE ONLY gate.messages
    ADD CONSTRAINT messages_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY guides.commissions
    ADD CONSTRAINT commissions_guide_id_fkey FOREIGN KEY (guide_id) REFERENCES stores.staff(id);

ALTER TABLE ONLY guides.credits
    ADD CONSTRAINT credits_guide_id_fkey FOREIGN KEY (guide_id) REFERENCES stores.staff(id);

ALTER TABLE ONLY guides.credits
    ADD CONSTRAINT credits_policy_version_fkey FOREIGN KEY (policy_version) REFERENCES guides.policies(version);

ALTER TABLE ONLY guides.relations
    ADD CONSTRAINT relations_guide_id_fkey FOREIGN KEY (guide_id) REFERENCES stores.staff(id);

ALTER TABLE ONLY guides.relations
    ADD CONSTRAINT relations_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY guides.shares
    ADD CONSTRAINT shares_guide_id_fkey FOREIGN KEY (guide_id) REFERENCES stores.staff(id);

ALTER TABLE ONLY guides.shares
    ADD CONSTRAINT shares_product_id_fkey FOREIGN KEY (product_id) REFERENCES catalog.products(id);

ALTER TABLE ONLY guides.shares
    ADD CONSTRAINT shares_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY increment.arms
    ADD CONSTRAINT arms_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY increment.books
    ADD CONSTRAINT books_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY increment.experiments
    ADD CONSTRAINT experiments_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY increment.exposures
    ADD CONSTRAINT exposures_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY increment.interventions
    ADD CONSTRAINT interventions_added_by_fkey FOREIGN KEY (added_by) REFERENCES stores.staff(id);

ALTER TABLE ONLY increment.interventions
    ADD CONSTRAINT interventions_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY increment.interventions
    ADD CONSTRAINT interventions_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES increment.rollouts(id);

ALTER TABLE ONLY increment.merges
    ADD CONSTRAINT merges_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY increment.readings
    ADD CONSTRAINT readings_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY increment.rollout_stores
    ADD CONSTRAINT rollout_stores_rollout_id_fkey FOREIGN KEY (rollout_id) REFERENCES increment.rollouts(id);

ALTER TABLE ONLY increment.rollout_stores
    ADD CONSTRAINT rollout_stores_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY increment.rollouts
    ADD CONSTRAINT rollouts_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY increment.rollouts
    ADD CONSTRAINT rollouts_launched_by_fkey FOREIGN KEY (launched_by) REFERENCES stores.staff(id);

ALTER TABLE ONLY increment.rollouts
    ADD CONSTRAINT rollouts_planned_by_fkey FOREIGN KEY (planned_by) REFERENCES stores.staff(id);

ALTER TABLE ONLY increment.rollouts
    ADD CONSTRAINT rollouts_stopped_by_fkey FOREIGN KEY (stopped_by) REFERENCES stores.staff(id);

ALTER TABLE ONLY increment.trials
    ADD CONSTRAINT trials_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY increment.unit_arms
    ADD CONSTRAINT unit_arms_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY insight.daily_sales
    ADD CONSTRAINT daily_sales_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY insight.preferences
    ADD CONSTRAINT preferences_category_id_fkey FOREIGN KEY (category_id) REFERENCES catalog.categories(id);

ALTER TABLE ONLY members.consents
    ADD CONSTRAINT consents_bucket_member_id_fkey FOREIGN KEY (bucket, member_id) REFERENCES members.members(bucket, id);

ALTER TABLE ONLY members.identities
    ADD CONSTRAINT identities_bucket_member_id_fkey FOREIGN KEY (bucket, member_id) REFERENCES members.members(bucket, id);

ALTER TABLE ONLY members.members
    ADD CONSTRAINT members_home_store_id_fkey FOREIGN KEY (home_store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY pricing.coupons
    ADD CONSTRAINT coupons_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES pricing.offers(id);

ALTER TABLE ONLY pricing.offers
    ADD CONSTRAINT offers_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY pricing.price_changes
    ADD CONSTRAINT price_changes_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES catalog.variants(id);

ALTER TABLE ONLY pricing.prices
    ADD CONSTRAINT prices_variant_id_fkey FOREIGN KEY (variant_id) REFERENCES catalog.variants(id);

ALTER TABLE ONLY pricing.switches
    ADD CONSTRAINT switches_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY program.programs
    ADD CONSTRAINT programs_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY program.programs
    ADD CONSTRAINT programs_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY program.scopes
    ADD CONSTRAINT scopes_program_id_fkey FOREIGN KEY (program_id) REFERENCES program.programs(id);

ALTER TABLE ONLY program.scopes
    ADD CONSTRAINT scopes_region_id_fkey FOREIGN KEY (region_id) REFERENCES stores.regions(id);

ALTER TABLE ONLY program.targets
    ADD CONSTRAINT targets_program_id_fkey FOREIGN KEY (program_id) REFERENCES program.programs(id);

ALTER TABLE ONLY reach.batches
    ADD CONSTRAINT batches_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES reach.campaigns(id);

ALTER TABLE ONLY reach.campaigns
    ADD CONSTRAINT campaigns_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY reach.campaigns
    ADD CONSTRAINT campaigns_created_by_fkey FOREIGN KEY (created_by) REFERENCES stores.staff(id);

ALTER TABLE ONLY reach.campaigns
    ADD CONSTRAINT campaigns_experiment_id_fkey FOREIGN KEY (experiment_id) REFERENCES increment.experiments(id);

ALTER TABLE ONLY reach.campaigns
    ADD CONSTRAINT campaigns_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES pricing.offers(id);

ALTER TABLE ONLY reach.campaigns
    ADD CONSTRAINT campaigns_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES reach.segments(id);

ALTER TABLE ONLY reach.choices
    ADD CONSTRAINT choices_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES reach.campaigns(id);

ALTER TABLE ONLY reach.segment_members
    ADD CONSTRAINT segment_members_segment_id_fkey FOREIGN KEY (segment_id) REFERENCES reach.segments(id);

ALTER TABLE ONLY reach.segments
    ADD CONSTRAINT segments_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY reach.segments
    ADD CONSTRAINT segments_created_by_fkey FOREIGN KEY (created_by) REFERENCES stores.staff(id);

ALTER TABLE ONLY stores.grants
    ADD CONSTRAINT grants_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES stores.staff(id);

ALTER TABLE ONLY stores.regions
    ADD CONSTRAINT regions_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY stores.staff_sessions
    ADD CONSTRAINT staff_sessions_staff_id_fkey FOREIGN KEY (staff_id) REFERENCES stores.staff(id);

ALTER TABLE ONLY stores.staff
    ADD CONSTRAINT staff_store_id_fkey FOREIGN KEY (store_id) REFERENCES stores.stores(id);

ALTER TABLE ONLY stores.stores
    ADD CONSTRAINT stores_brand_id_fkey FOREIGN KEY (brand_id) REFERENCES stores.brands(id);

ALTER TABLE ONLY stores.stores
    ADD CONSTRAINT stores_region_id_fkey FOREIGN KEY (region_id) REFERENCES stores.regions(id);

ALTER TABLE ONLY trade.attempts
    ADD CONSTRAINT attempts_bucket_order_id_fkey FOREIGN KEY (bucket, order_id) REFERENCES trade.orders(bucket, id);

ALTER TABLE ONLY trade.order_lines
    ADD CONSTRAINT order_lines_bucket_order_id_fkey FOREIGN KEY (bucket, order_id) REFERENCES trade.orders(bucket, id);

ALTER TABLE ONLY trade.order_log
    ADD CONSTRAINT order_log_bucket_order_id_fkey FOREIGN KEY (bucket, order_id) REFERENCES trade.orders(bucket, id);

ALTER TABLE ONLY trade.payables
    ADD CONSTRAINT payables_bucket_order_id_fkey FOREIGN KEY (bucket, order_id) REFERENCES trade.orders(bucket, id);

ALTER TABLE ONLY trade.refund_lines
    ADD CONSTRAINT refund_lines_bucket_refund_id_fkey FOREIGN KEY (bucket, refund_id) REFERENCES trade.refunds(bucket, id);

ALTER TABLE ONLY trade.refunds
    ADD CONSTRAINT refunds_bucket_order_id_fkey FOREIGN KEY (bucket, order_id) REFERENCES trade.orders(bucket, id);

ALTER TABLE base.missed_reactions ENABLE ROW LEVEL SECURITY;

ALTER TABLE base.outbox ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON base.missed_reactions USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON base.outbox USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY write_any ON base.outbox FOR INSERT WITH CHECK (true);

ALTER TABLE books.transfers ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON books.transfers USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

ALTER TABLE connect.audiences ENABLE ROW LEVEL SECURITY;

ALTER TABLE connect.authorisations ENABLE ROW LEVEL SECURITY;

ALTER TABLE connect.heard ENABLE ROW LEVEL SECURITY;

ALTER TABLE connect.processes ENABLE ROW LEVEL SECURITY;

ALTER TABLE connect.tokens ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON connect.audiences USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON connect.authorisations USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON connect.heard USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON connect.processes USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON connect.tokens USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON connect.windows USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

ALTER TABLE connect.windows ENABLE ROW LEVEL SECURITY;

ALTER TABLE deals.flash_claims ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON deals.flash_claims USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

ALTER TABLE gate.messages ENABLE ROW LEVEL SECURITY;

ALTER TABLE gate.pressure ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON gate.messages USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

CREATE POLICY wall ON gate.pressure USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

ALTER TABLE guides.commissions ENABLE ROW LEVEL SECURITY;

ALTER TABLE guides.credits ENABLE ROW LEVEL SECURITY;

ALTER TABLE guides.relations ENABLE ROW LEVEL SECURITY;

ALTER TABLE guides.touches ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON guides.commissions USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY wall ON guides.credits USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY wall ON guides.relations USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY wall ON guides.touches USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY append ON increment.readings FOR INSERT WITH CHECK (true);

ALTER TABLE increment.arms ENABLE ROW LEVEL SECURITY;

ALTER TABLE increment.books ENABLE ROW LEVEL SECURITY;

ALTER TABLE increment.exposures ENABLE ROW LEVEL SECURITY;

ALTER TABLE increment.merges ENABLE ROW LEVEL SECURITY;

CREATE POLICY own ON increment.arms FOR SELECT USING (((( SELECT wall.kind
   FROM base.wall) = 'member'::text) AND (member_id = ( SELECT wall.member_id
   FROM base.wall))));

ALTER TABLE increment.readings ENABLE ROW LEVEL SECURITY;

CREATE POLICY show ON increment.readings FOR SELECT USING (true);

CREATE POLICY wall ON increment.arms USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

CREATE POLICY wall ON increment.books USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

CREATE POLICY wall ON increment.exposures USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

CREATE POLICY wall ON increment.merges USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

CREATE POLICY wall_of_guides ON increment.arms FOR SELECT USING (((( SELECT wall.kind
   FROM base.wall) = 'staff'::text) AND (EXISTS ( SELECT
   FROM guides.relations
  WHERE ((relations.bucket = arms.bucket) AND (relations.member_id = arms.member_id) AND (relations.ended_at IS NULL))))));

ALTER TABLE insight.preferences ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON insight.preferences USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

ALTER TABLE members.consents ENABLE ROW LEVEL SECURITY;

ALTER TABLE members.finders ENABLE ROW LEVEL SECURITY;

ALTER TABLE members.identities ENABLE ROW LEVEL SECURITY;

ALTER TABLE members.members ENABLE ROW LEVEL SECURITY;

ALTER TABLE members.merges ENABLE ROW LEVEL SECURITY;

ALTER TABLE members.phone_codes ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON members.consents USING (((( SELECT wall.kind
   FROM base.wall) = 'system'::text) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

CREATE POLICY wall ON members.finders USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON members.identities USING (((( SELECT wall.kind
   FROM base.wall) = 'system'::text) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

CREATE POLICY wall ON members.members USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (id = ( SELECT wall.member_id
   FROM base.wall)) OR (home_store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY wall ON members.merges USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

CREATE POLICY wall ON members.phone_codes USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall_of_guides ON members.consents FOR SELECT USING (((( SELECT wall.kind
   FROM base.wall) = 'staff'::text) AND (EXISTS ( SELECT
   FROM guides.relations
  WHERE ((relations.bucket = consents.bucket) AND (relations.member_id = consents.member_id) AND (relations.ended_at IS NULL))))));

CREATE POLICY wall_of_guides ON members.members FOR SELECT USING (((( SELECT wall.kind
   FROM base.wall) = 'staff'::text) AND (EXISTS ( SELECT
   FROM guides.relations
  WHERE ((relations.bucket = members.bucket) AND (relations.member_id = members.id) AND (relations.ended_at IS NULL))))));

CREATE POLICY wall_of_staff ON members.merges FOR SELECT USING (((( SELECT wall.kind
   FROM base.wall) = 'staff'::text) AND (EXISTS ( SELECT
   FROM members.members
  WHERE ((members.bucket = merges.bucket) AND (members.id = merges.member_id))))));

ALTER TABLE pricing.coupons ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON pricing.coupons USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

ALTER TABLE reach.choices ENABLE ROW LEVEL SECURITY;

ALTER TABLE reach.segment_members ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON reach.choices USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

CREATE POLICY wall ON reach.segment_members USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

ALTER TABLE scango.exits ENABLE ROW LEVEL SECURITY;

ALTER TABLE scango.visits ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON scango.exits USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY wall ON scango.visits USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

ALTER TABLE trade.attempts ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.cart_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.incidents ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.order_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.order_log ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.orders ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.payables ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.payment_events ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.refund_lines ENABLE ROW LEVEL SECURITY;

ALTER TABLE trade.refunds ENABLE ROW LEVEL SECURITY;

CREATE POLICY wall ON trade.attempts USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (EXISTS ( SELECT
   FROM trade.orders
  WHERE ((orders.bucket = attempts.bucket) AND (orders.id = attempts.order_id))))));

CREATE POLICY wall ON trade.cart_lines USING (((( SELECT wall.kind
   FROM base.wall) = 'system'::text) OR (member_id = ( SELECT wall.member_id
   FROM base.wall))));

CREATE POLICY wall ON trade.incidents USING ((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])));

CREATE POLICY wall ON trade.order_lines USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY wall ON trade.order_log USING ((EXISTS ( SELECT
   FROM trade.orders
  WHERE ((orders.bucket = order_log.bucket) AND (orders.id = order_log.order_id)))));

CREATE POLICY wall ON trade.orders USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY wall ON trade.payables USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (EXISTS ( SELECT
   FROM trade.orders
  WHERE ((orders.bucket = payables.bucket) AND (orders.id = payables.order_id))))));

CREATE POLICY wall ON trade.payment_events USING ((( SELECT wall.kind
   FROM base.wall) = 'system'::text));

CREATE POLICY wall ON trade.refund_lines USING ((EXISTS ( SELECT
   FROM trade.refunds
  WHERE ((refunds.bucket = refund_lines.bucket) AND (refunds.id = refund_lines.refund_id)))));

CREATE POLICY wall ON trade.refunds USING (((( SELECT wall.kind
   FROM base.wall) = ANY (ARRAY['system'::text, 'company'::text])) OR (member_id = ( SELECT wall.member_id
   FROM base.wall)) OR (store_id IN ( SELECT visible.id
   FROM stores.visible))));

CREATE POLICY write_any ON trade.order_log FOR INSERT WITH CHECK (true);
