import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { DemoUsers } from "@/components/shell/demo-users";
import { Mark } from "@/components/shell/mark";
import { safePath } from "@/components/shell/safe-path";
import { SignInForm } from "@/components/shell/sign-in-form";
import { oneParam } from "@/components/ui/search-params";
import { loadDemoUsers } from "@/lib/auth/loaders";
import { currentActor } from "@/lib/auth/session";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage({ searchParams }: PageProps<"/sign-in">) {
  const { next: asked } = await searchParams;
  const next = safePath(oneParam(asked));
  if (await currentActor()) redirect(next);
  const demoUsers = await loadDemoUsers();
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col justify-center gap-6 px-4 py-10">
      <Mark />
      <section className="rounded-lg border border-line bg-surface p-5">
        <h1 className="mb-4 font-semibold text-xl tracking-tight">Sign in</h1>
        <SignInForm next={next} />
      </section>
      {demoUsers.length > 0 && <DemoUsers users={demoUsers} next={next} />}
    </main>
  );
}
