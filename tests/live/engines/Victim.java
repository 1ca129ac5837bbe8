// SPDX-License-Identifier: MIT
// A Java program of everything that a JVM does: compiled loops with safepoints, garbage collection, timers, monitors, sockets. It
// ends with its standard input, and says "ok" when all sums were right.
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

public class Victim {
	interface Work {
		void round() throws Exception;
	}

	static volatile boolean over;
	static final AtomicReference<String> bad = new AtomicReference<>();
	static final AtomicLong rounds = new AtomicLong();

	static void check(boolean ok, String what) {
		if (!ok)
			bad.compareAndSet(null, what);
	}

	static Thread start(Work work) {
		Thread thread = new Thread(() -> {
			try {
				while (!over) {
					work.round();
					rounds.incrementAndGet();
				}
			} catch (Exception e) {
				if (!over)
					check(false, e.toString());
			}
		});
		thread.start();
		return thread;
	}

	static void compute() {
		long sum = 0;
		double product = 1;
		for (int i = 1; i <= 2000000; i++) {
			sum += (long) i * 31 ^ i;
			product = product * 1.0000001 + 1e-9;
		}
		check(sum == expectedSum && product == expectedProduct, "a sum changed");
	}

	static long expectedSum;
	static double expectedProduct;

	static void expect() {
		long sum = 0;
		double product = 1;
		for (int i = 1; i <= 2000000; i++) {
			sum += (long) i * 31 ^ i;
			product = product * 1.0000001 + 1e-9;
		}
		expectedSum = sum;
		expectedProduct = product;
	}

	static void collect() {
		List<int[]> lists = new ArrayList<>();
		for (int i = 0; i < 2000; i++) {
			lists.add(new int[256]);
			lists.get(i)[i % 256] = i;
		}
		for (int i = 0; i < 2000; i++)
			check(lists.get(i)[i % 256] == i, "memory changed");
	}

	static void sleep() throws Exception {
		long before = System.nanoTime();
		Thread.sleep(3);
		check(System.nanoTime() - before >= 2900000, "a sleep was short");
	}

	public static void main(String[] arguments) throws Exception {
		List<Thread> threads = new ArrayList<>();
		ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
		SynchronousQueue<Integer> queue = new SynchronousQueue<>();
		Thread echo = new Thread(() -> {
			try {
				Socket s = server.accept();
				InputStream in = s.getInputStream();
				OutputStream out = s.getOutputStream();
				for (int b = in.read(); b >= 0; b = in.read())
					out.write(b);
			} catch (Exception e) {
				check(over, e.toString());
			}
		});
		echo.setDaemon(true);
		echo.start();
		Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort());
		expect();
		threads.add(start(Victim::compute));
		threads.add(start(Victim::collect));
		for (int i = 0; i < 8; i++)
			threads.add(start(Victim::sleep));
		threads.add(start(() -> {
			socket.getOutputStream().write(42);
			check(socket.getInputStream().read() == 42, "a socket lost a byte");
		}));
		threads.add(start(() -> queue.offer(7, 10, TimeUnit.MILLISECONDS)));
		threads.add(start(() -> {
			Integer value = queue.poll(10, TimeUnit.MILLISECONDS);
			check(value == null || value == 7, "a queue changed its element");
		}));
		System.out.println("ready");
		System.in.read();
		over = true;
		for (Thread thread : threads)
			thread.join();
		if (bad.get() != null) {
			System.out.println("bad: " + bad.get());
			System.exit(1);
		}
		System.out.println(rounds.get() + " rounds");
		System.out.println("ok");
		System.exit(0);
	}
}
