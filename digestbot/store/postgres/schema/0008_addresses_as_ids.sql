-- Works are also known by the ids that their addresses hold (digestbot/model/addresses.py): those in the store, too.
with forms (scheme, prefix, form) as (
    values
        ('doi', '10.1038/', 'nature\.com/articles/([a-z]?[\w.-]*\d[\w.-]*?)(?:(?:_reference)?\.pdf)?/?(?:[?#]|$)'),
        ('doi', '', '^https?://(?:dx\.)?doi\.org/(10\.\d{4,9}/[^?#\s]+)'),
        ('doi', '', '[?&]id=(10\.1371/journal\.[\w.]+)'),
        ('arxiv', '', 'arxiv\.org/(?:abs|pdf|html)/(\d{4}\.\d{4,5}|[a-z-]+/\d{7})'),
        ('arxiv', '', 'huggingface\.co/papers/(\d{4}\.\d{4,5})'),
        ('openreview', '', 'openreview\.net/(?:forum|pdf|attachment)\?(?:[^#]*&)?id=([\w-]{4,40})'),
        ('hal', '', '(?:hal\.(?:science|archives-ouvertes\.fr|inria\.fr)|archives-ouvertes\.fr)/([a-z]+-\d{6,10})'),
        ('acl', '', 'aclanthology\.org/([A-Z]\d\d-\d{4,5}|\d{4}\.[\w-]+\.\d+)(?:\.pdf|/|$)'),
        ('pmid', '', '(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed)/(\d{4,9})(?:/|\?|$)'),
        ('pmcid', '', 'ncbi\.nlm\.nih\.gov/(?:pmc/)?articles/(PMC\d{4,9})'),
        ('ssrn', '', 'ssrn\.com/.*?abstract(?:_id)?=(\d{5,9})'),
        ('pii', '', 'sciencedirect\.com/science/article/(?:abs/)?pii/(S\w{10,20})'),
        ('s2', '', 'semanticscholar\.org/(?:paper|reader)/(?:[^/?#]*/)?([0-9a-f]{40})'),
        ('ieee', '', 'ieeexplore\.ieee\.org/(?:abstract/)?document/(\d{5,9})')
), named as (
    select
        coalesce(w.joined, w.number) as work, f.scheme,
        f.prefix || (regexp_match(coalesce(w.late, l.paper) ->> 'url', f.form))[1] as value
    from works w
    join log l on l.place = w.last
    cross join forms f
    where coalesce(w.late, l.paper) ->> 'url' is not null
), known as (
    select distinct
        substring(
            sha256(convert_to(
                scheme || ':' || case when scheme in ('doi', 'hal') then lower(value) else value end, 'UTF8'
            )) for 16
        ) as digest,
        work, scheme
    from named
    where value is not null
), kept as (
    insert into work_ids (digest, work)
    select distinct on (digest) digest, work from known order by digest, work
    on conflict do nothing
)
insert into id_schemes (scheme) select distinct scheme from known on conflict do nothing;
