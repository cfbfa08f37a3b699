import { threaded } from 'offloop';

interface Job {
  id: number;
  weight: number;
}

const heaviest = threaded((jobs: Job[]): number => jobs.reduce((a, b) => (b.weight > a.weight ? b : a)).id);

const jobs: Job[] = [
  { id: 1, weight: 4 },
  { id: 2, weight: 9 },
];
console.log('jobs', jobs.length);
console.log(await heaviest(jobs));

//! works
//! oracle hand
//! node --strip
//! since 24
//> jobs 2
//> 2
